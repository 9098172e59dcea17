import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationServerMetadata, checkIssuer, wellKnownUrls } from './authorization-server-metadata.ts'
import { protectedResourceMetadata, protectedResourceMetadataUrls } from './protected-resource-metadata.ts'

test('the well-known URLs of an issuer with a path have the three forms that clients try', () => {
  assert.deepEqual(wellKnownUrls('https://auth.example.com/t/clinic'), {
    oauth: 'https://auth.example.com/.well-known/oauth-authorization-server/t/clinic',
    openidInserted: 'https://auth.example.com/.well-known/openid-configuration/t/clinic',
    openidAppended: 'https://auth.example.com/t/clinic/.well-known/openid-configuration',
  })
})

test('an issuer without path has one OpenID URL', () => {
  const { oauth, openidInserted, openidAppended } = wellKnownUrls('http://localhost:9400')
  assert.equal(oauth, 'http://localhost:9400/.well-known/oauth-authorization-server')
  assert.equal(openidInserted, 'http://localhost:9400/.well-known/openid-configuration')
  assert.equal(openidAppended, openidInserted)
})

test('a protected resource is found between host and path with its query kept, and at the root', () => {
  const wellKnown = 'https://h:8443/.well-known/oauth-protected-resource'
  for (const [resource, path] of [
    ['https://h:8443', wellKnown],
    ['https://h:8443/', wellKnown],
    ['https://h:8443/mcp', `${wellKnown}/mcp`],
    ['https://h:8443/mcp/', `${wellKnown}/mcp/`],
    ['https://h:8443/mcp?t=a', `${wellKnown}/mcp?t=a`],
    ['https://h:8443?t=a', `${wellKnown}?t=a`],
  ] as const) {
    assert.deepEqual(protectedResourceMetadataUrls(resource), { path, root: wellKnown })
  }
  for (const bad of ['mcp://vetassist', '/mcp', 'https://h/#a'])
    assert.throws(() => protectedResourceMetadataUrls(bad), TypeError)
})

test('a protected resource document keeps its resource as written and never offers offline_access', () => {
  const document = protectedResourceMetadata({
    resource: 'HTTPS://h',
    authorization_servers: ['https://auth.example.com'],
    scopes_supported: ['offline_access', 'pet-profile:read'],
    bearer_methods_supported: ['header'],
  })
  assert.deepEqual(document, {
    resource: 'HTTPS://h',
    authorization_servers: ['https://auth.example.com'],
    scopes_supported: ['pet-profile:read'],
    bearer_methods_supported: ['header'],
  })
})

test('empty arrays and absent members are left out of both documents', () => {
  const resource = protectedResourceMetadata({
    resource: 'https://h',
    authorization_servers: ['https://a'],
    scopes_supported: ['offline_access'],
    authorization_details_types_supported: [],
  })
  assert.deepEqual(Object.keys(resource), ['resource', 'authorization_servers'])
  const server = authorizationServerMetadata({
    issuer: 'https://a',
    authorization_endpoint: 'https://a/authorize',
    token_endpoint: 'https://a/token',
    jwks_uri: 'https://a/jwks',
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    acr_values_supported: [],
    require_pushed_authorization_requests: false,
  })
  assert.ok(!('acr_values_supported' in server))
  assert.equal(server.require_pushed_authorization_requests, false)
})

test('an issuer is https, or http on loopback, and written as browsers write it', () => {
  for (const good of [
    'https://auth.example.com',
    'https://auth.example.com:8443/t/clinic',
    'http://localhost:9400',
    'http://127.0.0.1:1',
    'http://[::1]:1',
  ]) {
    assert.equal(checkIssuer(good), undefined, good)
  }
  for (const bad of [
    '',
    'auth.example.com',
    'mcp://vetassist',
    'http://auth.example.com',
    'http://localhost.evil.example',
    'https://auth.example.com/',
    'https://auth.example.com/t/',
    'https://auth.example.com?a',
    'https://auth.example.com#',
    'https://user@auth.example.com',
    'https://AUTH.example.com',
    'HTTPS://auth.example.com',
    'https://auth.example.com:443',
    'https://auth.example.com:',
    'https://auth.example.com/a/../b',
    'https://2130706433',
  ]) {
    assert.equal(typeof checkIssuer(bad), 'string', bad)
  }
})
