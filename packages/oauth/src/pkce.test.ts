import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCodeChallenge, isCodeVerifier, s256, verifyS256 } from './pkce.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

test('the example of RFC 7636 appendix B is reproduced', async () => {
  assert.equal(await s256(verifier), challenge)
  assert.ok(await verifyS256(verifier, challenge))
})

test('a verifier has 43 to 128 unreserved characters', () => {
  assert.ok(isCodeVerifier('a'.repeat(43)))
  assert.ok(isCodeVerifier('-._~'.repeat(32)))
  for (const bad of [
    '',
    'a'.repeat(42),
    'a'.repeat(129),
    `${'a'.repeat(43)}\n`,
    `${'a'.repeat(43)}+`,
    `${'a'.repeat(43)}é`,
  ]) {
    assert.ok(!isCodeVerifier(bad), JSON.stringify(bad))
  }
})

test('a challenge has 43 base64url characters and no padding', () => {
  assert.ok(isCodeChallenge(challenge))
  for (const bad of [
    '',
    `${challenge}=`,
    challenge.slice(1),
    `${challenge}a`,
    challenge.replace('-', '+'),
    `${challenge}\n`,
  ]) {
    assert.ok(!isCodeChallenge(bad), JSON.stringify(bad))
  }
})

test('a wrong verifier, the challenge itself and a short verifier with the right hash all fail', async () => {
  assert.ok(!(await verifyS256(`${verifier}a`, challenge)))
  assert.ok(!(await verifyS256(challenge, challenge)))
  assert.ok(!(await verifyS256('short', await s256('short'))))
  assert.ok(!(await verifyS256(verifier, '')))
})
