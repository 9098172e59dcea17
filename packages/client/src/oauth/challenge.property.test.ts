import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerChallenge } from '@permitry/oauth'
import fc from 'fast-check'
import { readChallenge, scopesOf } from './challenge.ts'

const token = fc.stringMatching(/^[a-z:]{1,8}$/)
const headers = (value: string) => new Headers({ 'www-authenticate': value })

test('what a server challenges with is read again, also behind the challenges of others', () => {
  const challenge = fc.record({
    error: fc.constantFrom('invalid_token', 'insufficient_scope'),
    scope: fc.uniqueArray(token, { minLength: 1, maxLength: 4 }),
    resourceMetadata: fc.webUrl(),
  })
  fc.assert(
    fc.property(
      challenge,
      fc.constantFrom('', 'Basic realm="a, Bearer scope=\\"b\\"", ', 'Negotiate, '),
      (sent, before) => {
        const read = readChallenge(headers(before + bearerChallenge(sent)))
        assert.deepEqual(
          [read.error, read.scopes, read.resourceMetadataUrl],
          [sent.error, sent.scope, sent.resourceMetadata],
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('whatever a server sends, there is an answer, and every scope of it is one', () => {
  const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'scope', 'error', 'a', 'é', '__proto__')
  fc.assert(
    fc.property(fc.string({ unit: piece }), (text) => {
      for (const scope of [...readChallenge(headers(text)).scopes, ...scopesOf(text)])
        assert.match(scope, /^[\x21\x23-\x5b\x5d-\x7e]+$/)
    }),
    { numRuns: 1000 },
  )
})
