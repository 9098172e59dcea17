import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDocument } from './document/read.ts'
import { readRegistration } from './dynamic/registration.ts'
import { type MetadataRules, readClientMetadata } from './metadata.ts'
import { DEFAULT_POLICY } from './policy.ts'
import { readSentMetadata } from './sent.ts'

const rules: MetadataRules = { authMethods: ['none', 'private_key_jwt'], defaultAuthMethod: 'none' }
const odd = fc.jsonValue({ maxDepth: 2 })
const uri = fc.constantFrom(
  'https://app.example.com/callback',
  'http://127.0.0.1/callback',
  'app.example:/callback',
  'http://evil.example/',
  'https://app.example.com/#part',
  'https://user@app.example.com/',
  'javascript:alert(1)',
  'https://[',
  '',
)
const jwk = fc.record(
  {
    kty: fc.constantFrom('OKP', 'EC', 'oct'),
    crv: fc.constantFrom('Ed25519', 'P-256'),
    x: fc.constantFrom('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'x'),
    d: fc.string(),
    k: fc.string(),
  },
  { requiredKeys: ['kty', 'crv', 'x'] },
)
const list = (one: fc.Arbitrary<string>) => fc.oneof(fc.array(one, { maxLength: 4 }), odd)

/** Client metadata in which each member may be right, wrong or of another type. */
const metadata = fc.record(
  {
    client_name: fc.oneof(fc.string({ unit: 'binary' }), odd),
    application_type: fc.oneof(fc.constantFrom('web', 'native'), odd),
    redirect_uris: list(uri),
    post_logout_redirect_uris: list(uri),
    grant_types: list(fc.constantFrom('authorization_code', 'refresh_token', 'implicit')),
    response_types: list(fc.constantFrom('code', 'token')),
    scope: fc.oneof(fc.string(), odd),
    jwks: fc.oneof(fc.record({ keys: fc.array(jwk, { maxLength: 2 }) }), odd),
    jwks_uri: fc.oneof(uri, odd),
    logo_uri: fc.oneof(uri, odd),
    token_endpoint_auth_method: fc.oneof(fc.constantFrom('none', 'private_key_jwt', 'client_secret_basic'), odd),
    dpop_bound_access_tokens: odd,
    manage_registration: odd,
    __proto: odd,
  },
  { requiredKeys: ['redirect_uris'] },
)

test('what is accepted is never more than what was sent and what this server does', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 5, arbitrary: metadata }, { weight: 1, arbitrary: odd }), (sent) => {
      const read = readClientMetadata(sent, rules)
      if (!read.ok) return assert.ok(['invalid_redirect_uri', 'invalid_client_metadata'].includes(read.error.error))
      const { redirect_uris: uris } = sent as { redirect_uris: string[] }
      const { value } = read
      assert.deepEqual(value.redirectUris, [...new Set(uris)])
      for (const one of value.redirectUris) assert.match(one, /^(?:https:\/\/app|http:\/\/127|app\.example:)/)
      assert.ok(rules.authMethods.includes(value.authMethod))
      assert.ok(value.grantTypes.includes('authorization_code') && !value.grantTypes.includes('implicit'))
      assert.doesNotMatch(value.name ?? '', /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
      assert.doesNotMatch(value.jwks ?? '', /"[dk]":|"oct"/)
    }),
    { numRuns: 1000 },
  )
})

test('what was narrowed once is not narrowed further when it is read again', () => {
  fc.assert(
    fc.property(metadata, (sent) => {
      const first = readRegistration(sent, ['a'], DEFAULT_POLICY)
      if (!first.ok) return
      const { metadata: once } = first.value
      const again = readRegistration(
        {
          client_name: once.name,
          application_type: once.applicationType,
          redirect_uris: once.redirectUris,
          post_logout_redirect_uris: once.postLogoutRedirectUris,
          grant_types: once.grantTypes,
          token_endpoint_auth_method: once.authMethod,
          token_endpoint_auth_signing_alg: once.authSigningAlg,
          jwks: once.jwks === null ? undefined : (JSON.parse(once.jwks) as unknown),
          jwks_uri: once.jwksUri,
          logo_uri: once.logoUri,
          client_uri: once.clientUri,
          scope: once.scopes?.join(' '),
          dpop_bound_access_tokens: once.dpopBound,
          id_token_signed_response_alg: once.idTokenAlg,
        },
        ['a'],
        DEFAULT_POLICY,
      )
      assert.deepEqual(again.ok && again.value.metadata, once)
    }),
    { numRuns: 500 },
  )
})

test('every member that is sent counts, is left out or is reported', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('client_name', 'scope', 'redirect_uris', 'jwks', 'x', 'constructor'), odd),
      (sent) => {
        const { texts, lists, jwks, mistyped } = readSentMetadata(sent)
        for (const [name, value] of [...Object.entries(texts), ...Object.entries(lists), ['jwks', jwks] as const]) {
          const said = Object.hasOwn(sent, name) ? sent[name] : undefined
          const isNothing = said === undefined || said === null || (said === '' && Object.hasOwn(texts, name))
          if (value === undefined) assert.equal(mistyped.includes(name), !isNothing, name)
          else assert.equal(value, said)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a document is accepted only where it names its own URL, and any bytes have an answer', () => {
  const url = 'https://app.example.com/client.json'
  const id = fc.constantFrom(url, `${url}/`, url.toUpperCase(), 'https://app.example.com/other.json')
  const bytes = fc.oneof(
    fc
      .tuple(metadata, id)
      .map(([value, client_id]) =>
        new TextEncoder().encode(JSON.stringify({ client_name: 'App', ...value, client_id })),
      ),
    fc.uint8Array(),
  )
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom('application/json', 'text/html', 'application/a+json; charset=utf-8', null),
      (body, type) => {
        const read = readDocument(url, type, body, DEFAULT_POLICY)
        if (!read.ok) return assert.notEqual(read.error, '')
        assert.equal((JSON.parse(read.value.text) as { client_id: unknown }).client_id, url)
        assert.ok(type !== 'text/html' && type !== null)
      },
    ),
    { numRuns: 500 },
  )
})
