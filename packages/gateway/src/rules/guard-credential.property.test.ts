import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkRules } from './checks.ts'
import { parseGuardCredential } from './guard-credential.ts'

const GOOD = {
  issuer: 'https://auth.example.com',
  client_id: 'docs-guard',
  private_key: { kty: 'EC', crv: 'P-256', kid: 'k1', alg: 'ES256', x: 'x', y: 'y', d: 'the-secret' },
}

test('a credential is read as it was written', () => {
  assert.deepEqual(parseGuardCredential({ guard_credential: JSON.stringify(GOOD) }), GOOD)
  assert.equal(parseGuardCredential({}), undefined)
})

test('whatever else stands in its place is refused, and not quoted', () => {
  const changed = fc.constantFrom('issuer', 'client_id', 'private_key', 'kid', 'alg').map((name) => {
    const { private_key, ...rest } = GOOD
    const broken = { ...rest, private_key: { ...private_key, [name]: undefined }, [name]: undefined }
    return JSON.stringify(broken)
  })
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), changed), (guard_credential) => {
      assert.throws(
        () => parseGuardCredential({ guard_credential }),
        (error: Error) => error instanceof TypeError && !error.message.includes('the-secret'),
      )
    }),
  )
})

test('rules with the credential of another issuer are refused', () => {
  const upstream = { id: 'docs', resource: 'https://mcp.example.com/docs', default_scopes: [], tools: {} }
  const faults = (issuer: string, guard_credential: string) =>
    [...checkRules({ version: 1, issuer, upstreams: [{ ...upstream, guard_credential }] })].map(
      ({ message }) => message,
    )
  assert.deepEqual(faults(GOOD.issuer, JSON.stringify(GOOD)), [])
  assert.match(faults('https://other.example.com', JSON.stringify(GOOD)).join(), /^it belongs to another issuer/)
  assert.match(faults(GOOD.issuer, '{').join(), /^it is no credential/)
})
