import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationQuery, parseAuthorizationRequest } from './request.ts'

test('a request that is asked anew is the same one, in every parameter', () => {
  const sent = new URLSearchParams({
    client_id: 'app',
    redirect_uri: 'https://app.example/callback?a=1&b=2',
    response_type: 'code',
    response_mode: 'query',
    state: 'a b&c=d"+%<é',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    scope: 'openid pet-profile:read',
    nonce: 'n',
    prompt: 'login consent',
    max_age: '0',
    acr_values: 'a b',
    login_hint: 'bob',
    id_token_hint: 'e30.e30.',
  })
  for (const resource of ['mcp://one', 'mcp://two']) sent.append('resource', resource)
  for (const text of [sent.toString(), 'client_id=app', 'client_id=app&state=&scope=']) {
    const request = parseAuthorizationRequest(text)
    assert.ok(request.ok)
    const again = parseAuthorizationRequest(authorizationQuery(request.value))
    assert.deepEqual(again, request)
  }
})
