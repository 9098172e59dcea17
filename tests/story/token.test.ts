import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorize, requestToken, startStack, type Stack } from '@permitry/testkit'
import { createRemoteJWKSet, jwtVerify } from 'jose'

let stack: Stack
before(async () => (stack = await startStack()))
after(() => stack.close())

test('Bob logs in, consents, and the token never carries write though it was asked for', async () => {
  const redirectUri = 'http://127.0.0.1:5555/callback'
  const answer = await authorize(
    stack.issuer,
    { clientId: 'vet-assist-dev', redirectUri, resource: stack.mcpUrl, scope: 'pet-profile:read pet-profile:write' },
    'bob',
  )
  assert.equal(answer.params.get('iss'), stack.issuer)
  assert.equal(answer.params.get('state'), 'state-of-the-test')
  const { status, body } = await requestToken(stack.issuer, {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    code: answer.params.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: answer.verifier,
    resource: stack.mcpUrl,
  })
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body['scope'], 'pet-profile:read')
  const keys = createRemoteJWKSet(new URL(`${stack.issuer}/jwks`))
  const { payload } = await jwtVerify(String(body['access_token']), keys, {
    typ: 'at+jwt',
    issuer: stack.issuer,
    audience: stack.mcpUrl,
  })
  assert.deepEqual(payload['entitlements'], ['pet-profile:read'])
  assert.deepEqual(payload['roles'], ['pet-owner'])

  const refreshed = await requestToken(stack.issuer, {
    grant_type: 'refresh_token',
    client_id: 'vet-assist-dev',
    refresh_token: String(body['refresh_token']),
  })
  assert.equal(refreshed.status, 200, JSON.stringify(refreshed.body))
})
