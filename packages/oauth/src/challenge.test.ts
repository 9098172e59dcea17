import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bearerChallenge, dpopChallenge } from './challenge.ts'
import { parseChallenges } from './parse-challenges.ts'

test('a challenge without credentials names only where to go and what to ask for', () => {
  assert.equal(
    bearerChallenge({
      scope: ['pet-profile:read'],
      resourceMetadata: 'https://h/.well-known/oauth-protected-resource/mcp',
    }),
    'Bearer scope="pet-profile:read", resource_metadata="https://h/.well-known/oauth-protected-resource/mcp"',
  )
  assert.equal(bearerChallenge({}), 'Bearer')
})

test('a challenge for bound tokens names the algorithms of proofs', () => {
  assert.equal(dpopChallenge({}, ['ES256', 'EdDSA']), 'DPoP algs="ES256 EdDSA"')
  assert.equal(
    dpopChallenge({ error: 'use_dpop_nonce', scope: ['openid'] }, ['ES256']),
    'DPoP error="use_dpop_nonce", scope="openid", algs="ES256"',
  )
})

test('a challenge carries every member in one order', () => {
  assert.equal(
    bearerChallenge({
      maxAge: 0,
      acrValues: ['urn:example:mfa', 'phr'],
      resourceMetadata: 'https://h/m',
      scope: ['a', 'b'],
      errorDescription: 'a stronger login is needed',
      error: 'insufficient_user_authentication',
      realm: 'vet',
    }),
    'Bearer realm="vet", error="insufficient_user_authentication", error_description="a stronger login is needed", ' +
      'scope="a b", resource_metadata="https://h/m", acr_values="urn:example:mfa phr", max_age="0"',
  )
})

test('a description that quotes an attacker stays inside its quotes and on its line', () => {
  const header = bearerChallenge({ errorDescription: 'tool `x", scope="admin\r\nSet-Cookie: a=b` is unknown' })
  assert.equal(header, `Bearer error_description="tool \`x', scope='admin??Set-Cookie: a=b\` is unknown"`)
})

test('control and non-ASCII characters and malformed scopes are refused', () => {
  for (const bad of ['a\r\nb', 'a\u0000', 'é', '\u007f', '\t']) {
    assert.throws(() => bearerChallenge({ realm: bad }), TypeError)
    assert.throws(() => bearerChallenge({ resourceMetadata: bad }), TypeError)
    assert.throws(() => bearerChallenge({ acrValues: [bad] }), TypeError)
  }
  for (const scope of ['a b', '', 'a"b', 'a\nb']) assert.throws(() => bearerChallenge({ scope: [scope] }), TypeError)
})

test('what is built parses to the same values, quotes and backslashes included', () => {
  const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(printable, printable, (realm, resourceMetadata) => {
      assert.deepEqual(parseChallenges(bearerChallenge({ realm, resourceMetadata })), {
        ok: true,
        value: [
          {
            scheme: 'bearer',
            token68: undefined,
            parameters: new Map([
              ['realm', realm],
              ['resource_metadata', resourceMetadata],
            ]),
          },
        ],
      })
    }),
  )
})
