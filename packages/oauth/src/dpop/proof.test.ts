import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkProof, type ProofRequest } from './proof.ts'

/** The examples of RFC 9449: a token request (§4.1), a request to a resource (§7.1), and the thumbprint of their key (§6.1). */
const HEADER =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
const AT_TOKEN = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
const AT_RESOURCE = `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
const ACCESS_TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

const tokenRequest: ProofRequest = {
  method: 'POST',
  uri: 'https://server.example.com/token',
  nowSeconds: 1_562_262_616,
  needsNonce: false,
  isRecentNonce: () => false,
  accessToken: undefined,
}
const resourceRequest: ProofRequest = {
  ...tokenRequest,
  method: 'GET',
  uri: 'https://resource.example.org/protectedresource',
  accessToken: ACCESS_TOKEN,
}

test('the examples of RFC 9449 are good, and their key has the thumbprint that stands there', async () => {
  assert.deepEqual(await checkProof(AT_TOKEN, tokenRequest), {
    ok: true,
    value: { jkt: JKT, jti: '-BwC3ESc6acc2lTc', iat: 1_562_262_616 },
  })
  assert.deepEqual(await checkProof(AT_RESOURCE, resourceRequest), {
    ok: true,
    value: { jkt: JKT, jti: 'e1j3V_bKic8-LAEB', iat: 1_562_262_618 },
  })
})

test('the examples of RFC 9449 are good for nothing else', async () => {
  const failures: [string, Partial<ProofRequest>][] = [
    ['method', { method: 'POST' }],
    ['uri', { uri: 'https://resource.example.org/other' }],
    ['time', { nowSeconds: 1_562_262_618 + 301 }],
    ['time', { nowSeconds: 1_562_262_618 - 301 }],
    ['token', { accessToken: `${ACCESS_TOKEN}x` }],
    ['nonce', { needsNonce: true }],
  ]
  for (const [failure, change] of failures)
    assert.deepEqual(await checkProof(AT_RESOURCE, { ...resourceRequest, ...change }), { ok: false, error: failure })
  const [header, , signature] = AT_RESOURCE.split('.')
  const mixed = `${header}.${AT_TOKEN.split('.')[1]}.${signature}`
  assert.deepEqual(await checkProof(mixed, tokenRequest), { ok: false, error: 'signature' })
})
