import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestToken, startStack } from '@permitry/testkit'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { conformanceStack, requestOf, tokensFor, authorizeAs } from './harness.ts'

const server = conformanceStack()

type Metadata = Readonly<Record<string, unknown>> & {
  readonly issuer: string
  readonly jwks_uri: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
}

async function documentAt(url: string): Promise<Metadata> {
  const response = await fetch(url)
  assert.equal(response.status, 200, url)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json\b/, url)
  return (await response.json()) as Metadata
}

/** The places in the order in which MCP clients try them. */
function placesOf(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
}

/** A tenant beside the default one: its issuer has a path. */
async function issuerWithPath(): Promise<string> {
  const { issuer, stack } = server()
  await stack.store.unit(async (db) => {
    await db
      .insertInto('tenants')
      .values({ id: 'north', name: 'North', epoch: 0, status: 'active', created_at: Date.now() })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  })
  return `${issuer}/t/north`
}

test('AS-4, AS-5, AS-6, AS-80, BC-14: the three well-known places name the issuer from which they were built, path or not', async () => {
  for (const issuer of [server().issuer, await issuerWithPath()]) {
    for (const place of placesOf(issuer)) assert.equal((await documentAt(place)).issuer, issuer, place)
  }
})

test('AS-80, AS-6: an issuer has neither query nor fragment, and a place that no issuer leads to has no document', async () => {
  const { issuer } = server()
  assert.doesNotMatch((await documentAt(placesOf(issuer)[0] ?? '')).issuer, /[?#]|\/$/)
  for (const path of ['/t/nobody', '/t/north/deeper', '/t/', '/t/NORTH', '/t/default%2f', '/T/north']) {
    for (const place of placesOf(`${issuer}${path}`)) assert.equal((await fetch(place)).status, 404, place)
  }
})

test('AS-6, AS-62, AS-24: Host and forwarding headers change nothing that the server says about itself', async () => {
  const { issuer } = server()
  const forged = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-forwarded-prefix': '/evil',
    'x-original-url': '/evil',
    forwarded: 'for=1.2.3.4;host=evil.example;proto=https',
  }
  for (const place of placesOf(issuer)) {
    const text = await (await fetch(place, { headers: forged })).text()
    assert.doesNotMatch(text, /evil/)
    assert.equal((JSON.parse(text) as Metadata).issuer, issuer)
  }
  const response = await fetch(`${issuer}/authorize?${new URLSearchParams({ client_id: 'nobody' }).toString()}`, {
    headers: forged,
  })
  assert.doesNotMatch(await response.text(), /evil/)
})

test('AS-10: code_challenge_methods_supported is S256 in every document', async () => {
  for (const place of placesOf(server().issuer)) {
    assert.deepEqual((await documentAt(place))['code_challenge_methods_supported'], ['S256'])
  }
})

test('AS-8, AS-102: the server says that it sends iss', async () => {
  for (const place of placesOf(server().issuer)) {
    assert.equal((await documentAt(place))['authorization_response_iss_parameter_supported'], true)
  }
})

test('AS-81: no member is null or an empty array', async () => {
  for (const issuer of [server().issuer, await issuerWithPath()]) {
    for (const place of placesOf(issuer)) {
      for (const [name, value] of Object.entries(await documentAt(place))) {
        assert.notEqual(value, null, name)
        assert.ok(!Array.isArray(value) || value.length > 0, name)
      }
    }
  }
})

test('AS-82, AS-83: the required members are there, RS256 included, and none of the algorithms is none', async () => {
  const { issuer } = server()
  for (const place of placesOf(issuer)) {
    const metadata = await documentAt(place)
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
      assert.ok(String(metadata[name]).startsWith(`${issuer}/`), name)
    }
    assert.deepEqual(metadata['response_types_supported'], ['code'])
    assert.deepEqual(metadata['subject_types_supported'], ['public'])
    assert.ok((metadata['id_token_signing_alg_values_supported'] as string[]).includes('RS256'))
    for (const [name, value] of Object.entries(metadata)) {
      if (name.endsWith('_alg_values_supported')) assert.ok(!(value as string[]).includes('none'), name)
    }
  }
})

test('AS-84, AS-29, AS-45: scopes with offline_access, grant types, client authentication, revocation and acr values are published', async () => {
  const { issuer } = server()
  const metadata = await documentAt(placesOf(issuer)[0] ?? '')
  for (const scope of ['openid', 'profile', 'email', 'offline_access']) {
    assert.ok((metadata['scopes_supported'] as string[]).includes(scope), scope)
  }
  assert.deepEqual(metadata['grant_types_supported'], ['authorization_code', 'refresh_token', 'client_credentials'])
  const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']
  assert.deepEqual(metadata['token_endpoint_auth_methods_supported'], methods)
  assert.deepEqual(metadata['revocation_endpoint_auth_methods_supported'], methods)
  assert.deepEqual(metadata['introspection_endpoint_auth_methods_supported'], methods.slice(1))
  for (const endpoint of ['token', 'revocation', 'introspection']) {
    const algs = metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`] as string[]
    for (const alg of ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256']) assert.ok(algs.includes(alg), `${endpoint} ${alg}`)
    assert.ok(!algs.some((alg) => alg.startsWith('HS') || alg === 'none'), endpoint)
    assert.ok(String(metadata[`${endpoint}_endpoint`]).startsWith(`${issuer}/`))
  }
  assert.ok((metadata['acr_values_supported'] as string[]).length > 0)
  assert.ok((metadata['protected_resources'] as string[]).includes(server().stack.mcpUrl))
  assert.equal(metadata['request_uri_parameter_supported'], false)
})

test('AS-82, AS-111: published keys verify the tokens, have distinct ids and purposes, and no private part', async () => {
  const { issuer } = server()
  const { jwks_uri } = await documentAt(placesOf(issuer)[0] ?? '')
  const response = await fetch(jwks_uri)
  assert.match(response.headers.get('content-type') ?? '', /^application\/(json|jwk-set\+json)\b/)
  const jwks = (await response.json()) as { keys: Record<string, string>[] }
  assert.equal(new Set(jwks.keys.map(({ kid }) => kid)).size, jwks.keys.length)
  for (const key of jwks.keys) {
    assert.equal(key['use'], 'sig')
    // Ed25519 is one algorithm under two names (RFC 9864), so that key fits both without `alg`
    assert.ok(key['alg'] ?? key['crv'] === 'Ed25519')
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(key[secret], undefined)
  }
  const { accessToken, idToken } = await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })
  const keys = createLocalJWKSet(jwks as unknown as Parameters<typeof createLocalJWKSet>[0])
  const access = await jwtVerify(accessToken, keys, { issuer, typ: 'at+jwt' })
  const id = await jwtVerify(idToken, keys, { issuer, audience: 'exact' })
  assert.notEqual(access.protectedHeader.kid, id.protectedHeader.kid)
})

test('AS-61: metadata, keys, token and revocation endpoints can be read by scripts of any origin, without credentials', async () => {
  const { issuer } = server()
  const metadata = await documentAt(placesOf(issuer)[0] ?? '')
  const urls = [
    ...placesOf(issuer),
    metadata.jwks_uri,
    metadata.token_endpoint,
    String(metadata['revocation_endpoint']),
  ]
  for (const url of urls) {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const response = await fetch(url, {
        method,
        headers: {
          origin: 'https://inspector.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
        },
      })
      if (response.status === 404 || response.status === 405) continue
      assert.equal(response.headers.get('access-control-allow-origin'), '*', `${method} ${url}`)
      assert.equal(response.headers.get('access-control-allow-credentials'), null)
    }
  }
})

test('AS-5, AS-24: an issuer with a path has all its endpoints under it, and they work', async () => {
  const issuer = await issuerWithPath()
  const metadata = await documentAt(placesOf(issuer)[0] ?? '')
  for (const [name, value] of Object.entries(metadata)) {
    if (name.endsWith('_endpoint') || name === 'jwks_uri') assert.ok(String(value).startsWith(`${issuer}/`), name)
  }
  assert.equal((await fetch(metadata.jwks_uri)).status, 200)
  // the clinic's clients are not this tenant's
  const response = await fetch(`${metadata.authorization_endpoint}?client_id=exact`, { redirect: 'manual' })
  assert.equal(response.status, 400)
})

test('AS-9, AS-7: the iss of a successful response is the issuer of the metadata', async () => {
  const { issuer } = server()
  const { params } = await authorizeAs('bob', issuer, requestOf('exact'))
  assert.equal(params.get('iss'), (await documentAt(placesOf(issuer)[0] ?? '')).issuer)
})

test('AS-84: where no public client can come, `none` is not listed and a public client is refused', async () => {
  const stack = await startStack({
    dynamicClients: { documents: false, registration: false, publicClients: true, allowedHosts: [], blockedHosts: [] },
    change: (config) => ({ ...config, clients: config.clients.filter(({ auth }) => auth !== 'none') }),
  })
  try {
    const metadata = await documentAt(placesOf(stack.issuer)[0] ?? '')
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const methods = metadata[`${endpoint}_endpoint_auth_methods_supported`]
      assert.deepEqual(methods, ['client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    }
    const { status, body } = await requestToken(stack.issuer, {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: 'vet-assist-dev',
    })
    assert.deepEqual([status, body['error']], [401, 'invalid_client'])
  } finally {
    await stack.close()
  }
})
