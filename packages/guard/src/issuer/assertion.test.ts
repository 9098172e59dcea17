import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { createAssertions } from './assertion.ts'

test('an assertion is signed by the credential, for its issuer, for a minute, and never the same twice', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const private_key = { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'ES256' }
  const now = 1_800_000_000
  const assertion = createAssertions(
    'https://auth.example.com',
    { client_id: 'vetassist-guard', private_key },
    () => now * 1000,
  )
  const form = await assertion()
  assert.equal(form.get('client_id'), 'vetassist-guard')
  assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
  const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
    issuer: 'vetassist-guard',
    subject: 'vetassist-guard',
    audience: 'https://auth.example.com',
    currentDate: new Date((now + 59) * 1000),
  })
  assert.equal(protectedHeader.kid, 'k1')
  assert.equal(payload.exp, now + 60)
  assert.notEqual(form.get('client_assertion'), (await assertion()).get('client_assertion'))
})
