import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetch } from './server.ts'

const origin = 'http://localhost:9500'

test('a caller without a token learns where to get one', async () => {
  const response = await fetch(new Request(`${origin}/mcp`, { method: 'POST', body: '{}' }))
  assert.equal(response.status, 401)
  assert.equal(
    response.headers.get('www-authenticate'),
    `Bearer scope="notes:read", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", DPoP algs="ES256 ES384 ES512 EdDSA Ed25519 RS256 PS256"`,
  )
})

test('the metadata names the authorization server', async () => {
  const response = await fetch(new Request(`${origin}/.well-known/oauth-protected-resource/mcp`))
  assert.deepEqual(((await response.json()) as { authorization_servers: string[] }).authorization_servers, [
    'http://localhost:9400',
  ])
})
