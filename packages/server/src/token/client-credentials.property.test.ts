import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseForm } from '@permitry/oauth'
import fc from 'fast-check'
import { JWT_BEARER, parseClientAssertion } from './client-assertion.ts'
import { readClientCredentials } from './client-authentication.ts'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(':', '%', '+', ' ', 'a:b', '=', '&'),
)

function formOf(parameters: Record<string, string>) {
  const form = parseForm(new URLSearchParams(parameters).toString())
  assert.ok(form.ok)
  return form.value
}

/** RFC 6749 §2.3.1: form-encoded first, then joined and put into base64. */
function basic(id: string, secret: string): string {
  const encode = (one: string) => new URLSearchParams({ '': one }).toString().slice(1)
  return `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`
}

test('id and secret survive the header, whatever is in them', () => {
  fc.assert(
    fc.property(text, text, (id, secret) => {
      fc.pre(id !== '' && id.isWellFormed() && secret.isWellFormed() && !`${id}${secret}`.includes('\u0000'))
      const read = readClientCredentials(basic(id, secret), formOf({}))
      assert.deepEqual(read, { ok: true, value: { clientId: id, secret } })
    }),
    { numRuns: 500 },
  )
})

test('a client that sends two of header, secret and assertion is never read', () => {
  const ways = fc.record({ header: fc.boolean(), secret: fc.boolean(), assertion: fc.boolean() })
  fc.assert(
    fc.property(ways, ({ header, secret, assertion }) => {
      fc.pre(Number(header) + Number(secret) + Number(assertion) > 1)
      const form = formOf({
        ...(secret ? { client_id: 'app', client_secret: 's' } : {}),
        ...(assertion ? { client_assertion_type: JWT_BEARER, client_assertion: jwt({}, { sub: 'app' }) } : {}),
      })
      assert.equal(readClientCredentials(header ? basic('app', 's') : undefined, form).ok, false)
    }),
    { numRuns: 200 },
  )
})

test('any header is read or refused, and no id that is read is empty or has a NUL', () => {
  const header = fc.oneof(
    fc.string(),
    fc.base64String().map((encoded) => `Basic ${encoded}`),
    text.map((one) => `Basic ${Buffer.from(one).toString('base64')}`),
  )
  fc.assert(
    fc.property(header, (header) => {
      const read = readClientCredentials(header, formOf({}))
      if (read.ok) assert.match(read.value.clientId, /^[^\0]+$/)
    }),
    { numRuns: 1000 },
  )
})

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (header: unknown, claims: unknown) => `${segment(header)}.${segment(claims)}.c2ln`
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

test('an assertion is read as it says, when both of its parts are objects', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
      fc.jsonValue(),
      (header, claims) => {
        const sent = jwt(header, claims)
        const read = parseClientAssertion(sent)
        if (isObject(header) && isObject(claims) && read)
          assert.deepEqual(
            [read.header, read.claims],
            [JSON.parse(JSON.stringify(header)), JSON.parse(JSON.stringify(claims))],
          )
        else assert.equal(read, undefined)
      },
    ),
    { numRuns: 500 },
  )
})

test('no text but three segments of base64url is an assertion, and none breaks the reader', () => {
  const piece = fc.constantFrom('.', 'e30', 'bnVsbA', 'W10', '=', ' ', '\n', '+', 'eyJhIjoxfQ', '_', '-')
  fc.assert(
    fc.property(fc.string({ unit: piece }), (text) => {
      if (parseClientAssertion(text)) assert.match(text, /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)
    }),
    { numRuns: 1000 },
  )
})
