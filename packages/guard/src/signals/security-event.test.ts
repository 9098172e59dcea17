import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { createLocalJWKSet, errors, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { verifySecurityEvent, type Expected, type SetError } from './security-event.ts'

const ISSUER = 'https://auth.example.com'
const NOW = 1_800_000_000
const OURS = 'urn:permitry:secevent:'
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type'

type Members = Readonly<Record<string, unknown>>
const event = { epoch: 7, event_timestamp: NOW }
const bob = { format: 'iss_sub', iss: ISSUER, sub: 'bob' }

let key: CryptoKey
let stranger: CryptoKey
let expected: Expected

before(async () => {
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  stranger = (await generateKeyPair('ES256')).privateKey
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 's1' } as JWK] })
  expected = { issuer: ISSUER, audience: 'vet-guard', keys, clock: () => NOW * 1000 }
})

async function sign(claims: Members = {}, header: Members = {}, by = key): Promise<string> {
  const payload = {
    iss: ISSUER,
    aud: 'vet-guard',
    iat: NOW,
    jti: 'rev_1',
    sub_id: bob,
    events: { [`${OURS}subject-revoked`]: event },
    ...claims,
  }
  const whole = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
  return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', typ: 'secevent+jwt', kid: 's1', ...header }).sign(by)
}

describe('a security event', () => {
  const read: readonly (readonly [what: string, type: string, subject: Members, kind: string, id: string])[] = [
    ['a person or agent', `${OURS}subject-revoked`, bob, 'subject', 'bob'],
    ['a person whose sessions end', `${CAEP}/session-revoked`, bob, 'subject', 'bob'],
    ['a family', `${OURS}family-revoked`, { format: 'opaque', id: 'fam_1' }, 'family', 'fam_1'],
    ['a client', `${OURS}client-revoked`, { format: 'opaque', id: 'app' }, 'client', 'app'],
    ['everybody', `${OURS}issuer-revoked`, { format: 'uri', uri: ISSUER }, 'everybody', ''],
    ['what only a later version knows, as everybody', `${OURS}device-revoked`, { format: 'x' }, 'everybody', ''],
  ]
  for (const [what, type, subject, kind, id] of read) {
    test(`names ${what}`, async () => {
      const set = await sign({ sub_id: subject, events: { [type]: event } })
      const revocation = { kind, id, epoch: 7, at: NOW * 1000 }
      assert.deepEqual(await verifySecurityEvent('rev_1', set, expected), { ok: true, value: revocation })
    })
  }

  test('that takes nothing away is taken', async () => {
    for (const type of [
      `${CAEP}/credential-change`,
      'https://schemas.openid.net/secevent/ssf/event-type/verification',
    ]) {
      const set = await sign({ events: { [type]: { state: 'x' } } })
      assert.deepEqual(await verifySecurityEvent('rev_1', set, expected), { ok: true, value: undefined })
    }
  })

  const refused: readonly (readonly [what: string, claims: Members, header: Members, code: SetError['err']])[] = [
    ['of another issuer', { iss: 'https://evil.example' }, {}, 'invalid_issuer'],
    ['for another receiver', { aud: 'other-guard' }, {}, 'invalid_audience'],
    ['for nobody', { aud: undefined }, {}, 'invalid_audience'],
    ['of another type, such as an access token', {}, { typ: 'at+jwt' }, 'invalid_request'],
    ['without a type', {}, { typ: undefined }, 'invalid_request'],
    ['with an extension that must be understood', {}, { crit: ['b64'], b64: true }, 'invalid_request'],
    ['that has expired', { exp: NOW - 1 }, {}, 'invalid_request'],
    ['delivered under the id of another', { jti: 'rev_0' }, {}, 'invalid_request'],
    ['without an id', { jti: undefined }, {}, 'invalid_request'],
    ['without a time', { iat: undefined }, {}, 'invalid_request'],
    ['without events', { events: undefined }, {}, 'invalid_request'],
    ['with no event', { events: {} }, {}, 'invalid_request'],
    ['with two', { events: { [`${OURS}subject-revoked`]: event, [`${OURS}x`]: event } }, {}, 'invalid_request'],
    ['without an epoch', { events: { [`${OURS}subject-revoked`]: { event_timestamp: NOW } } }, {}, 'invalid_request'],
    ['with a text as epoch', { events: { [`${OURS}x`]: { ...event, epoch: '7' } } }, {}, 'invalid_request'],
    ['without a time of the event', { events: { [`${OURS}x`]: { epoch: 7 } } }, {}, 'invalid_request'],
    ['about a person of another issuer', { sub_id: { ...bob, iss: 'https://evil.example' } }, {}, 'invalid_request'],
    ['about nobody', { sub_id: undefined }, {}, 'invalid_request'],
    ['about a family by the name of a person', { sub_id: { format: 'opaque', id: 'x' } }, {}, 'invalid_request'],
  ]
  for (const [what, claims, header, code] of refused) {
    test(`is not taken ${what}`, async () => {
      const result = await verifySecurityEvent('rev_1', await sign(claims, header), expected)
      assert.equal(result.ok ? 'taken' : result.error.err, code)
    })
  }

  test('by another key is not taken', async () => {
    const result = await verifySecurityEvent('rev_1', await sign({}, {}, stranger), expected)
    assert.equal(result.ok ? 'taken' : result.error.err, 'authentication_failed')
  })

  test('by a key that is not published is nothing to judge by', async () => {
    await assert.rejects(
      verifySecurityEvent('rev_1', await sign({}, { kid: 's9' }), expected),
      errors.JWKSNoMatchingKey,
    )
  })

  test('is not taken from any other text or value', async () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'e', 'y', 'J', '0', '_', '-', '=', ' ', '{') })
    const text = fc.tuple(part, part, part).map((parts) => parts.join('.'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.anything()), async (set) => {
        assert.equal((await verifySecurityEvent('rev_1', set, expected)).ok, false)
      }),
    )
  })

  test('is not taken unsigned', async () => {
    const [, payload = ''] = (await sign()).split('.')
    const header = btoa(JSON.stringify({ alg: 'none', typ: 'secevent+jwt' })).replaceAll('=', '')
    assert.equal((await verifySecurityEvent('rev_1', `${header}.${payload}.`, expected)).ok, false)
  })
})
