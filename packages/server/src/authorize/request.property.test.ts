import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AuthorizationRequest, authorizationQuery, parseAuthorizationRequest } from './request.ts'

const name = fc.constantFrom(
  'client_id',
  'redirect_uri',
  'resource',
  'scope',
  'state',
  'prompt',
  'nonce',
  'request',
  '__proto__',
)
const value = fc.oneof(fc.string(), fc.constantFrom('', 'a b', ' a  b ', 'a', '%', '&', 'é', '+'))
const sent = fc.array(fc.tuple(name, value), { maxLength: 8 })

function accepted(text: string): AuthorizationRequest | undefined {
  const request = parseAuthorizationRequest(text)
  return request.ok ? request.value : undefined
}

test('what is accepted is what another parser of forms reads, where a parameter stands once', () => {
  const members = { client_id: 'clientId', redirect_uri: 'redirectUri', state: 'state', nonce: 'nonce' } as const
  fc.assert(
    fc.property(sent, (pairs) => {
      const text = new URLSearchParams(pairs).toString()
      const request = accepted(text)
      if (!request) return
      const other = new URLSearchParams(text)
      for (const [parameter, member] of Object.entries(members)) {
        const [one = '', ...more] = other.getAll(parameter)
        assert.equal(request[member], one === '' || more.length > 0 ? undefined : one)
        assert.equal(request.repeated.includes(parameter), more.length > 0)
      }
      assert.deepEqual(
        request.resources,
        other.getAll('resource').filter((one) => one !== ''),
      )
    }),
    { numRuns: 1000 },
  )
})

test('a request that is asked anew is the same one', () => {
  fc.assert(
    fc.property(sent, (pairs) => {
      const request = accepted(new URLSearchParams(pairs).toString())
      // Those are refused before anything is asked anew.
      fc.pre(
        request !== undefined && request.repeated.length === 0 && !request.malformedScope && !request.requestObject,
      )
      assert.deepEqual(accepted(authorizationQuery(request)), request)
    }),
    { numRuns: 500 },
  )
})

test('whatever is sent, the answer is a result, and what is long is not read', () => {
  const piece = fc.constantFrom('&', '=', '%', '%00', '%ff', '+', 'scope', 'resource', 'a', '%C3%A9', ';', '#')
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: piece }), fc.string({ unit: 'binary' })),
      (text) => void parseAuthorizationRequest(text),
    ),
    { numRuns: 1000 },
  )
  assert.equal(accepted('a'.repeat(8193)), undefined)
})
