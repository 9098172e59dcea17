import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MetadataRules, readClientMetadata } from './metadata.ts'

const documents: MetadataRules = { authMethods: ['none', 'private_key_jwt'], defaultAuthMethod: 'none' }
const registrations: MetadataRules = {
  authMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  defaultAuthMethod: 'client_secret_basic',
}

const right = { client_name: 'Notes', redirect_uris: ['https://app.example.com/callback'] }
const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

function read(changes: object, rules = documents) {
  const result = readClientMetadata({ ...right, ...changes }, rules)
  assert.ok(result.ok, result.ok ? '' : result.error.description)
  return result.value
}

function refused(changes: object, rules = documents) {
  const result = readClientMetadata({ ...right, ...changes }, rules)
  assert.ok(!result.ok, 'it was accepted')
  return result.error
}

test('what a client left out has the defaults of RFC 7591', () => {
  assert.deepEqual(read({}), {
    name: 'Notes',
    applicationType: 'web',
    authMethod: 'none',
    authSigningAlg: null,
    jwks: null,
    jwksUri: null,
    dpopBound: false,
    clientUri: null,
    logoUri: null,
    redirectUris: right.redirect_uris,
    postLogoutRedirectUris: [],
    grantTypes: ['authorization_code'],
    idTokenAlg: 'RS256',
    scopes: undefined,
  })
  assert.equal(read({}, registrations).authMethod, 'client_secret_basic')
})

test('null and empty texts count as left out', () => {
  const bare = read({ client_uri: '', logo_uri: null, scope: '', jwks: null, contacts: null, grant_types: null })
  assert.deepEqual(bare, read({}))
})

test('Claude lists a grant type that nobody has to know', () => {
  const claude = read({
    client_name: 'Claude',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types: ['code', 'code id_token'],
    contacts: ['support@example.com'],
    software_version: 7,
    token_endpoint_auth_method: 'none',
  })
  assert.deepEqual(claude.grantTypes, ['authorization_code', 'refresh_token'])
})

test('ChatGPT prefers keys, and is public where keys are not known', () => {
  const chatgpt = {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt', 'attest_jwt_client_auth'],
    jwks_uri: 'https://chatgpt.example.com/jwks.json',
  }
  assert.equal(read(chatgpt).authMethod, 'private_key_jwt')
  assert.equal(read(chatgpt, { ...documents, authMethods: ['none'] }).authMethod, 'none')
  const { jwks_uri: _, ...withoutKeys } = chatgpt
  assert.equal(read(withoutKeys).authMethod, 'none')
})

test('a client that can authenticate only in ways that are not known here does not become public', () => {
  assert.match(refused({ token_endpoint_auth_method: 'attest_jwt_client_auth' }).description, /must be one of none/)
  assert.match(refused({ token_endpoint_auth_method: 'client_secret_post' }).description, /must be one of none/)
  assert.match(refused({ token_endpoint_auth_method: 'private_key_jwt' }).description, /needs keys/)
})

test('the redirect URIs say what a client is that does not', () => {
  const typeOf = (...redirect_uris: string[]) => read({ redirect_uris }).applicationType
  assert.equal(typeOf('https://app.example.com/callback'), 'web')
  assert.equal(typeOf('http://localhost/callback', 'http://127.0.0.1/callback'), 'native')
  assert.equal(typeOf('https://vscode.dev/redirect', 'http://127.0.0.1:33418/'), 'native')
  assert.equal(typeOf('cursor://anysphere.cursor-mcp/oauth/callback'), 'native')
  assert.equal(read({ application_type: 'service' }).applicationType, 'web')
  assert.equal(read({ application_type: 'native' }).applicationType, 'native')
  assert.equal(read({ application_type: 'web', redirect_uris: ['http://localhost/callback'] }).applicationType, 'web')
  // Cursor says so; RFC 7591 §3.2.1 lets us replace it
  assert.equal(read({ application_type: 'web', redirect_uris: ['cursor://callback'] }).applicationType, 'native')
})

test('redirect URIs are held to the rules of registered ones, and one bad one is enough', () => {
  for (const redirect_uris of [
    undefined,
    [],
    ['http://app.example.com/callback'],
    ['https://app.example.com/callback', 'javascript:alert(1)'],
    ['https://app.example.com/callback#fragment'],
    ['https://user@app.example.com/callback'],
    Array.from({ length: 33 }, (_, index) => `https://app.example.com/${index}`),
  ])
    assert.equal(refused({ redirect_uris }).error, 'invalid_redirect_uri')
  assert.match(refused({ post_logout_redirect_uris: ['ftp://a'] }).description, /ftp/)
})

test('an address in a message has no line breaks and no end of it', () => {
  const { description } = refused({ redirect_uris: [`https://a.example/\n${'x'.repeat(5000)}`] })
  assert.ok(description.length < 400 && !description.includes('\n'), description)
})

test('a client without the code flow has nothing to do here', () => {
  assert.match(refused({ grant_types: ['client_credentials'] }).description, /authorization_code/)
  assert.match(refused({ response_types: ['token'] }).description, /response_types/)
})

test('a name is one line without tricks', () => {
  assert.equal(read({ client_name: '  Vet\u202e\u0000\n Assist ' }).name, 'Vet Assist')
  assert.equal(read({ client_name: '\u200b' }).name, undefined)
  assert.equal(read({ client_name: 'n'.repeat(500) }).name?.length, 80)
})

test('keys stand in one place, are public, and are fetched by https', () => {
  assert.equal(read({ jwks: { keys: [publicKey] } }).jwks, JSON.stringify({ keys: [publicKey] }))
  const both = { jwks: { keys: [publicKey] }, jwks_uri: 'https://app.example.com/jwks' }
  assert.match(refused(both).description, /not both/)
  assert.match(refused({ jwks: { keys: [{ ...publicKey, d: 'secret' }] } }).description, /public/)
  assert.match(refused({ jwks: { keys: [] } }).description, /no key/)
  assert.match(refused({ jwks_uri: 'http://app.example.com/jwks' }).description, /https/)
})

test('the signing algorithm of a client is one that is known, or it is refused', () => {
  const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] } }
  assert.equal(read({ ...keyed, token_endpoint_auth_signing_alg: 'ES256' }).authSigningAlg, 'ES256')
  assert.match(refused({ ...keyed, token_endpoint_auth_signing_alg: 'HS256' }).description, /must be one of/)
  assert.equal(read({ token_endpoint_auth_signing_alg: 'HS256' }).authSigningAlg, null)
})

test('scope is a limit that a client sets itself', () => {
  assert.deepEqual(read({ scope: 'pet-profile:read openid' }).scopes, ['pet-profile:read', 'openid'])
  assert.match(refused({ scope: 'a"b' }).description, /scope/)
})

test('pages and pictures that cannot be fetched are left out', () => {
  const { clientUri, logoUri } = read({ client_uri: 'javascript:alert(1)', logo_uri: 'data:image/png;base64,AA' })
  assert.deepEqual([clientUri, logoUri], [null, null])
  assert.equal(read({ logo_uri: 'https://app.example.com/\u0000' }).logoUri, null)
  assert.match(refused({ jwks_uri: 'https://app.example.com/\u0000' }).description, /https/)
  assert.equal(read({ logo_uri: 'https://app.example.com/logo.png' }).logoUri, 'https://app.example.com/logo.png')
})

test('a value of the wrong type is named', () => {
  for (const value of [[], 'text', 7, null]) assert.ok(!readClientMetadata(value, documents).ok)
  assert.match(refused({ redirect_uris: 'https://a.example/' }).description, /redirect_uris/)
  assert.match(refused({ client_name: { en: 'Notes' } }).description, /client_name/)
  assert.match(refused({ grant_types: ['authorization_code', 1] }).description, /grant_types/)
  assert.match(refused({ jwks: [] }).description, /jwks/)
})
