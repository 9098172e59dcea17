import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTenant, resumeClient, runCommand, suspendClient } from '@permitry/server'
import { listen, startStack, type Stack } from '@permitry/testkit'
import { askAs, assertionOf, proved } from './assertion.ts'
import { clientKeys } from './client-keys.ts'
import {
  ask,
  assertError,
  authorizeAs,
  claimsOf,
  codeFor,
  encode,
  type Parameters,
  type Reply,
  refresh,
  requestOf,
  tokensFor,
} from './harness.ts'
import { addParties, CALLBACK } from './parties.ts'

let stack: Stack
let ahead = 0
const now = (): number => Date.now() + ahead
before(async () => {
  stack = await startStack({ now, trustedProxies: ['127.0.0.1'] })
  await addParties(stack.store)
})
after(() => stack.close())

const DAY = 24 * 3_600_000
const operator = () => ({ store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now }) as const

const jwk = clientKeys.p256.publicJwk

type Metadata = Readonly<Record<string, unknown>>

/** A public client of the kind that most MCP clients are. */
const RIGHT: Metadata = {
  client_name: 'Notes',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

/** Another address for each, so that the limit of one is met only where a test wants it. */
let callers = 0
const anybody = (): string => `198.51.${(callers >> 8) & 255}.${callers++ & 255}`

async function send(
  method: string,
  url: string,
  body: unknown,
  { from = anybody(), token, type = 'application/json' }: { from?: string; token?: string; type?: string } = {},
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers: {
      'x-forwarded-for': from,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  }
}

function register(changes: Metadata = {}, from?: string): Promise<Reply> {
  return send('POST', `${stack.issuer}/register`, { ...RIGHT, ...changes }, from === undefined ? {} : { from })
}

/** Registers what is expected to be right. */
async function registered(changes: Metadata = {}): Promise<Metadata & { readonly client_id: string }> {
  const { status, body } = await register(changes)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...body, client_id: String(body['client_id']) }
}

/** A client of its own under a name that no other test has. */
let names = 0
const registeredOwn = (changes: Metadata = {}) =>
  registered({ client_name: `Own ${names++}`, manage_registration: true, ...changes })

/** A request of RFC 7592 to the place that the registration named. */
function manage(method: 'GET' | 'PUT' | 'DELETE', client: Metadata, body?: Metadata, token?: string): Promise<Reply> {
  const own = token ?? String(client['registration_access_token'])
  return send(method, String(client['registration_client_uri']), body, { token: own })
}

/** What a client sends to replace its registration, right unless changed; undefined leaves a member out. */
function replacementOf(client: Metadata, changes: Metadata = {}): Metadata {
  const {
    registration_access_token: _,
    registration_client_uri: __,
    client_secret_expires_at: ___,
    client_id_issued_at: ____,
    ...rest
  } = client
  return { ...rest, ...changes }
}

async function rowOf(clientId: string) {
  return stack.store.read((db) => db.selectFrom('clients').selectAll().where('id', '=', clientId).executeTakeFirst())
}

/** The newest epoch below which tokens of the client are refused. */
async function revokedEpoch(clientId: string): Promise<number> {
  const rows = await stack.store.read((db) =>
    db.selectFrom('revocations').select('epoch').where('client_id', '=', clientId).execute(),
  )
  return Math.max(0, ...rows.map(({ epoch }) => epoch))
}

const noRefresh: Parameters = { scope: 'pet-profile:read' }

test('AS-3, AS-96: a client registers itself, hears everything that was registered, and gets tokens', async () => {
  const { status, headers, body } = await register({
    client_uri: 'https://app.example.com/',
    contacts: ['a@b.example'],
  })
  assert.equal(status, 201)
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(headers.get('cache-control'), 'no-store')
  const { client_id, client_id_issued_at, ...metadata } = body
  assert.match(String(client_id), /^dcr_/)
  assert.ok(Math.abs(Number(client_id_issued_at) - now() / 1000) < 60)
  assert.deepEqual(metadata, {
    client_name: 'Notes',
    client_uri: 'https://app.example.com/',
    redirect_uris: [CALLBACK],
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'RS256',
  })
  const { accessToken, refreshToken } = await tokensFor('bob', stack.issuer, String(client_id))
  assert.equal(claimsOf(accessToken)['client_id'], client_id)
  assert.equal((await refresh(stack.issuer, String(client_id), refreshToken)).status, 200)
})

test('AS-96: a secret is shown once, with its end, and is needed from then on; only its hash is stored', async () => {
  for (const method of ['client_secret_basic', 'client_secret_post']) {
    const client = await registered({ token_endpoint_auth_method: method })
    const secret = String(client['client_secret'])
    assert.ok(Buffer.from(secret.replace(/^pcs_/, ''), 'base64url').length >= 32)
    assert.equal(client['client_secret_expires_at'], 0)
    assert.doesNotMatch(JSON.stringify(await rowOf(client.client_id)), new RegExp(secret))
    assert.equal((await manage('GET', client)).body['client_secret'], undefined)
    const { redeem } = await codeFor('bob', stack.issuer, client.client_id)
    assertError(await redeem(), 401, 'invalid_client')
    assertError(await redeem({ client_secret: 'wrong' }), 401, 'invalid_client')
    const right = await (method === 'client_secret_post'
      ? redeem({ client_secret: secret })
      : redeem({ client_id: undefined }, [client.client_id, secret]))
    assert.equal(right.status, 200, JSON.stringify(right.body))
  }
})

test('AS-96, AS-58, AS-46: a client with keys, sent or published, is known by its signature and gets no secret', async () => {
  await using host = await listen()
  host.serve(() => Response.json({ keys: [jwk] }))
  for (const keys of [{ jwks: { keys: [jwk] } }, { jwks_uri: `${host.origin}/keys` }]) {
    const client = await registered({ token_endpoint_auth_method: 'private_key_jwt', ...keys })
    assert.equal(client['client_secret'], undefined)
    for (const [name, value] of Object.entries(keys)) assert.deepEqual(client[name], value)
    const iat = Math.floor(now() / 1000)
    const claims = { iat, exp: iat + 60 }
    const { redeem } = await codeFor('bob', stack.issuer, client.client_id)
    assertError(await redeem(), 401, 'invalid_client')
    const forged = await assertionOf(client.client_id, stack.issuer, { key: clientKeys.foreign, claims })
    assertError(await redeem(proved(forged)), 401, 'invalid_client')
    const right = await redeem(proved(await assertionOf(client.client_id, stack.issuer, { claims })))
    assert.equal(right.status, 200, JSON.stringify(right.body))
    const own = await askAs(stack.issuer, proved(await assertionOf(client.client_id, stack.issuer, { claims })))
    assertError(own, 400, 'unauthorized_client')
  }
})

test('AS-96, AS-98: whoever says little gets the defaults of RFC 7591, a secret among them', async () => {
  const { body } = await send('POST', `${stack.issuer}/register`, { redirect_uris: [CALLBACK] })
  assert.equal(body['token_endpoint_auth_method'], 'client_secret_basic')
  assert.ok(body['client_secret'])
  assert.deepEqual([body['grant_types'], body['response_types']], [['authorization_code'], ['code']])
  assert.equal(body['client_name'], undefined)
})

/** Registrations that are wrong in one thing, with the error code and a word of the sentence that helps. */
const wrong: readonly [because: string, changes: Metadata, error: string, says: RegExp][] = [
  ['no redirect URI', { redirect_uris: undefined }, 'invalid_redirect_uri', /redirect_uris is missing/],
  ['an empty list', { redirect_uris: [] }, 'invalid_redirect_uri', /redirect_uris is missing/],
  ['http', { redirect_uris: ['http://app.example.com/cb'] }, 'invalid_redirect_uri', /use https/],
  ['a script', { redirect_uris: [CALLBACK, 'javascript:alert(1)'] }, 'invalid_redirect_uri', /javascript/],
  ['a fragment', { redirect_uris: [`${CALLBACK}#a`] }, 'invalid_redirect_uri', /fragment/],
  ['a wildcard', { redirect_uris: ['https://*.example.com/cb'] }, 'invalid_redirect_uri', /wildcard/],
  ['a text for a list', { redirect_uris: CALLBACK }, 'invalid_client_metadata', /redirect_uris.*wrong type/],
  ['a way out', { post_logout_redirect_uris: ['http://a.example'] }, 'invalid_client_metadata', /https/],
  ['no code flow', { grant_types: ['refresh_token'] }, 'invalid_client_metadata', /authorization_code/],
  ['the implicit flow', { response_types: ['token'] }, 'invalid_client_metadata', /response_types must have code/],
  ['two sets of keys', { jwks: { keys: [jwk] }, jwks_uri: 'https://a.example' }, 'invalid_client_metadata', /not both/],
  ['a shared key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, 'invalid_client_metadata', /public keys only/],
  ['keys over http', { jwks_uri: 'http://a.example/keys' }, 'invalid_client_metadata', /https/],
  ['no keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata', /needs keys/],
  ['no such method', { token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata', /must be one of/],
  [
    'a shared algorithm',
    {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
      token_endpoint_auth_signing_alg: 'HS256',
    },
    'invalid_client_metadata',
    /token_endpoint_auth_signing_alg must be one of/,
  ],
  ['no scope token', { scope: 'a"b' }, 'invalid_client_metadata', /scope/],
  ['no statement', { software_statement: 'a text' }, 'invalid_software_statement', /leave it out/],
  [
    'a statement',
    { software_statement: 'e30.e30.c2ln' },
    'unapproved_software_statement',
    /leave software_statement out/,
  ],
]

test('AS-97, AS-98: what cannot be registered is refused with the code of RFC 7591 and a sentence that says what to do', async () => {
  for (const [because, changes, error, says] of wrong) {
    const reply = await register(changes)
    assertError(reply, 400, error)
    assert.match(String(reply.body['error_description']), says, because)
    assert.equal(reply.body['client_id'], undefined)
    assert.equal(reply.headers.get('cache-control'), 'no-store')
  }
})

test('AS-97: what is no JSON object is refused, and so is what is too large', async () => {
  const post = (body: unknown, type?: string) =>
    send('POST', `${stack.issuer}/register`, body, type === undefined ? {} : { type })
  for (const body of ['', '{', '[]', 'null', '"text"', '7'])
    assertError(await post(body), 400, 'invalid_client_metadata')
  const form = encode({ redirect_uris: CALLBACK }).toString()
  assertError(await post(form, 'application/x-www-form-urlencoded'), 400, 'invalid_client_metadata')
  assertError(await post(JSON.stringify(RIGHT), 'text/plain'), 400, 'invalid_client_metadata')
  assertError(await post({ ...RIGHT, padding: 'x'.repeat(70_000) }), 413, 'invalid_request')
  const get = await fetch(`${stack.issuer}/register`)
  assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST'])
})

test('AS-98, AS-46: members that nobody knows are ignored, grants that clients cannot have here are dropped', async () => {
  const client = await registered({
    grant_types: ['authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types: ['code', 'code id_token'],
    software_id: 'app',
    software_version: '1.0',
    client_id: 'mine',
    client_secret: 'mine',
    client_secret_expires_at: 1,
    'x-unknown': { a: 1 },
    __proto__: { a: 1 },
  })
  assert.deepEqual([client['grant_types'], client['response_types']], [['authorization_code'], ['code']])
  for (const name of ['software_id', 'client_secret', 'x-unknown']) assert.equal(client[name], undefined)
  assert.notEqual(client.client_id, 'mine')
  assertError(await askAs(stack.issuer, { client_id: client.client_id }), 400, 'unauthorized_client')
})

test('AS-32: a web client with a redirect to the own machine is told to be native; native ones have any port', async () => {
  for (const uri of ['http://localhost:6274/oauth/callback', 'http://127.0.0.1/cb', 'https://[::1]:8443/cb']) {
    const redirect_uris = [CALLBACK, uri]
    const reply = await register({ application_type: 'web', redirect_uris })
    assertError(reply, 400, 'invalid_redirect_uri')
    assert.match(String(reply.body['error_description']), /application_type` native/)
    for (const changes of [{ application_type: 'native' }, {}]) {
      const client = await registered({ ...changes, redirect_uris })
      assert.equal(client['application_type'], 'native')
    }
  }
  // no web client has a scheme of its own: what Cursor says of itself is replaced, as RFC 7591 §3.2.1 allows
  const cursor = await registered({
    application_type: 'web',
    redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback', 'http://localhost:8787/callback'],
  })
  assert.equal(cursor['application_type'], 'native')
  const { client_id } = await registered({ redirect_uris: ['http://localhost:3334/oauth/callback'] })
  const other = await ask(stack.issuer, requestOf(client_id, { redirect_uri: 'http://localhost:51234/oauth/callback' }))
  assert.equal(other.status, 303)
  const elsewhere = await ask(stack.issuer, requestOf(client_id, { redirect_uri: 'http://localhost:3334/other' }))
  assert.equal(elsewhere.status, 400)
})

test('AS-99: 50 public clients that say the same at the same moment share one, which nobody can change', async () => {
  const changes = { client_name: 'Fifty', redirect_uris: [CALLBACK, 'https://app.example.com/other'] }
  const replies = await Promise.all(Array.from({ length: 50 }, () => register(changes)))
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201])
  const ids = new Set(replies.map(({ body }) => body['client_id']))
  assert.equal(ids.size, 1)
  const again = await registered({
    ...changes,
    redirect_uris: changes.redirect_uris.toReversed(),
    grant_types: ['refresh_token', 'authorization_code'],
    software_version: '2.0',
    scope: 'pet-profile:write',
  })
  assert.ok(ids.has(again.client_id), 'order, version and the first scopes make no other client')
  for (const { body } of replies)
    assert.deepEqual([body['registration_access_token'], body['registration_client_uri']], [undefined, undefined])
  const address = `${stack.issuer}/register/${again.client_id}`
  for (const method of ['GET', 'PUT', 'DELETE'])
    assertError(await send(method, address, method === 'GET' ? undefined : RIGHT, { token: 'x' }), 401, 'invalid_token')
})

test('AS-99: another name, address or method makes another client, and whoever authenticates is never shared', async () => {
  const same = { client_name: 'Alike' }
  const clients = [
    await registered(same),
    await registered({ client_name: 'A like' }),
    await registered({ ...same, redirect_uris: ['https://app.example.com/elsewhere'] }),
    await registered({ ...same, grant_types: ['authorization_code'] }),
    await registered({ ...same, manage_registration: true }),
    await registered({ ...same, manage_registration: true }),
    await registered({ ...same, token_endpoint_auth_method: 'client_secret_basic' }),
    await registered({ ...same, token_endpoint_auth_method: 'client_secret_basic' }),
    await registered({ ...same, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } }),
  ]
  assert.equal(new Set(clients.map(({ client_id }) => client_id)).size, clients.length)
  assert.deepEqual(
    clients.map((client) => client['registration_access_token'] !== undefined),
    [false, false, false, false, true, true, true, true, true],
  )
})

test('AS-99: the consent page says that the client registered itself today and that nobody verified it, also at the second time', async () => {
  const client = await registered({ client_name: 'Trusted App', redirect_uris: ['http://127.0.0.1:7777/cb'] })
  const consent = async (): Promise<string> => {
    const shown: string[] = []
    const request = requestOf(client.client_id, { redirect_uri: 'http://127.0.0.1:7777/cb' })
    const { page } = await authorizeAs('dana', stack.issuer, request, { onConsent: (text) => shown.push(text) })
    assert.match(page.url, /code=/)
    return shown.join()
  }
  for (const text of [await consent(), await consent()]) {
    assert.match(text, /Not verified/)
    assert.match(text, /registered itself today and chose this name/)
    assert.match(text, /127\.0\.0\.1:7777/)
    assert.match(text, /returns to a program on your own computer/)
  }
  ahead += DAY
  assert.match(await consent(), /registered itself and chose this name.*First seen on/s)
})

test('AS-99, AS-19: consent is asked each time, also of a client with a secret, and warns of the redirect that is used', async () => {
  const client = await registered({
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: [CALLBACK, 'http://localhost:7777/cb'],
  })
  const shown: string[] = []
  for (const redirect_uri of [CALLBACK, CALLBACK, 'http://localhost:7777/cb'])
    await authorizeAs('bob', stack.issuer, requestOf(client.client_id, { redirect_uri }), {
      onConsent: (text) => shown.push(text),
    })
  assert.deepEqual(
    shown.map((text) => /returns to a program on your own computer/.test(text)),
    [false, false, true],
  )
  const silent = await authorizeAs('bob', stack.issuer, requestOf(client.client_id, { prompt: 'none' }))
  assert.equal(silent.params.get('error'), 'consent_required')
})

test('AS-99: a client that nobody consents to is forgotten after a day, one that somebody did is kept', async () => {
  const [used, unused, renewed] = [
    await registered({ client_name: 'Used' }),
    await registeredOwn(),
    await registered({ client_name: 'Renewed' }),
  ]
  await tokensFor('bob', stack.issuer, used.client_id)
  ahead += DAY - 60_000
  await registered({ client_name: 'Renewed' })
  ahead += 120_000
  await stack.server.forgetExpired()
  const left = await Promise.all([used, unused, renewed].map(async ({ client_id }) => (await rowOf(client_id))?.name))
  assert.deepEqual(left, ['Used', undefined, 'Renewed'])
  assertError(await manage('GET', unused), 401, 'invalid_token')
  assert.equal((await ask(stack.issuer, requestOf(unused.client_id))).status, 400)
  assert.equal((await registered({ client_name: 'Used' })).client_id, used.client_id)
})

test('AS-99: one network registers 60 new clients an hour, a /64 is one network, and known clients cost nothing', async () => {
  const known = { client_name: 'Known to all' }
  await registered(known)
  const from = (n: number) => `2001:db8:0:1::${n.toString(16)}`
  const replies = []
  for (let n = 1; n <= 62; n++) replies.push(await register({ client_name: `Flood ${n}` }, from(n)))
  assert.deepEqual(
    replies.map(({ status }) => status),
    [...Array.from({ length: 60 }, () => 201), 429, 429],
  )
  const refused = replies.at(-1)
  assert.equal(refused?.body['error'], 'temporarily_unavailable')
  assert.ok(Number(refused?.headers.get('retry-after')) > 0)
  assert.equal((await register(known, from(63))).status, 201)
  assert.equal((await register({ client_name: 'Neighbour' }, '2001:db8:0:2::1')).status, 201)
  ahead += 3_600_000
  assert.equal((await register({ client_name: 'Flood 63' }, from(63))).status, 201)
})

test('AS-99: without scope a client may ask for all that servers allow, and scopes of the first challenge do not end step-up', async () => {
  for (const changes of [{ client_name: 'No scope' }, { client_name: 'SDK', scope: 'pet-profile:read' }]) {
    const client = await registered(changes)
    assert.equal(client['scope'], undefined)
    const { accessToken } = await tokensFor('dana', stack.issuer, client.client_id, { scope: 'pet-profile:write' })
    assert.match(String(claimsOf(accessToken)['scope']), /pet-profile:write/)
  }
})

test('AS-99: the scope of a client that manages itself is its limit, less what is not allowed to such clients', async () => {
  const client = await registeredOwn({ scope: 'pet-profile:read nonsense openid' })
  assert.equal(client['scope'], 'pet-profile:read')
  const { accessToken } = await tokensFor('dana', stack.issuer, client.client_id, {
    scope: 'pet-profile:read pet-profile:write',
  })
  assert.equal(claimsOf(accessToken)['scope'], 'pet-profile:read')
  assert.deepEqual(claimsOf(accessToken)['entitlements'], ['pet-profile:read'])
  assertError(await register({ manage_registration: true, scope: 'nonsense' }), 400, 'invalid_client_metadata')
})

test('AS-100: a client reads, replaces and deletes itself at the address and with the token that it was given', async () => {
  const client = await registeredOwn()
  assert.ok(String(client['registration_client_uri']).startsWith(`${stack.issuer}/register/`))
  const token = String(client['registration_access_token'])
  assert.doesNotMatch(JSON.stringify(await rowOf(client.client_id)), new RegExp(token))
  const read = await manage('GET', client)
  assert.equal(read.status, 200)
  assert.equal(read.headers.get('cache-control'), 'no-store')
  assert.deepEqual(read.body, client)

  const replaced = await manage('PUT', client, replacementOf(client, { client_name: 'New name', client_uri: null }))
  assert.equal(replaced.status, 200, JSON.stringify(replaced.body))
  assert.equal(replaced.body['client_name'], 'New name')
  assert.equal(replaced.body['registration_access_token'], token)
  assert.deepEqual((await manage('GET', client)).body, replaced.body)

  const gone = await manage('DELETE', client)
  assert.equal(gone.status, 204)
  for (const method of ['GET', 'DELETE'] as const) assertError(await manage(method, client), 401, 'invalid_token')
  assertError(await manage('PUT', client, replacementOf(client)), 401, 'invalid_token')
})

/** Replacements that are wrong in one thing. */
const wrongReplacements: readonly [because: string, changes: Metadata, error: string][] = [
  ['no client_id', { client_id: undefined }, 'invalid_client_metadata'],
  ['the client_id of another', { client_id: 'vet-assist-dev' }, 'invalid_client_metadata'],
  ['its token', { registration_access_token: 'x' }, 'invalid_client_metadata'],
  ['its address', { registration_client_uri: 'https://evil.example' }, 'invalid_client_metadata'],
  ['the end of its secret', { client_secret_expires_at: 0 }, 'invalid_client_metadata'],
  ['when it was issued', { client_id_issued_at: 1 }, 'invalid_client_metadata'],
  ['a secret of its own choice', { client_secret: 'hunter2' }, 'invalid_client_metadata'],
  ['what cannot be registered', { redirect_uris: ['http://app.example.com/cb'] }, 'invalid_redirect_uri'],
  [
    'a web client on loopback',
    { application_type: 'web', redirect_uris: ['http://localhost/'] },
    'invalid_redirect_uri',
  ],
  ['no keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
]

test('AS-100: a replacement repeats client_id, carries nothing that the server decides, and is held to the rules of a registration', async () => {
  const client = await registeredOwn({ token_endpoint_auth_method: 'client_secret_post' })
  const before = await manage('GET', client)
  for (const [because, changes, error] of wrongReplacements) {
    const reply = await manage('PUT', client, replacementOf(client, changes))
    assertError(reply, 400, error)
    assert.ok(reply.body['error_description'], because)
  }
  assert.deepEqual((await manage('GET', client)).body, before.body)
  assert.equal((await manage('PUT', client, replacementOf(client))).status, 200, 'the right secret may be repeated')
  const { client_secret: _, ...withoutSecret } = client
  assert.equal((await manage('PUT', client, replacementOf(withoutSecret))).status, 200)
})

test('AS-100: a client that comes to authenticate gets its secret with the answer, and keeps it afterwards', async () => {
  const client = await registeredOwn()
  const change = { token_endpoint_auth_method: 'client_secret_basic' }
  const first = await manage('PUT', client, replacementOf(client, change))
  const secret = String(first.body['client_secret'])
  assert.match(secret, /^pcs_/)
  assert.equal(first.body['client_secret_expires_at'], 0)
  const second = await manage('PUT', client, replacementOf(client, { ...change, client_name: 'With secret' }))
  assert.deepEqual([second.status, second.body['client_secret']], [200, undefined])
  const { redeem } = await codeFor('bob', stack.issuer, client.client_id)
  assert.equal((await redeem({ client_id: undefined }, [client.client_id, secret])).status, 200)
})

test('AS-100: less than before refuses the living tokens of the client; another name does not', async () => {
  const client = await registeredOwn()
  const { refreshToken } = await tokensFor('bob', stack.issuer, client.client_id, noRefresh)
  await manage('PUT', client, replacementOf(client, { client_name: 'Renamed' }))
  assert.equal(await revokedEpoch(client.client_id), 0)
  const epochs = []
  for (const changes of [
    { scope: 'pet-profile:read' },
    { grant_types: ['authorization_code'], scope: 'pet-profile:read' },
  ]) {
    assert.equal((await manage('PUT', client, replacementOf(client, changes))).status, 200)
    epochs.push(await revokedEpoch(client.client_id))
  }
  assert.ok(0 < Number(epochs[0]) && Number(epochs[0]) < Number(epochs[1]), String(epochs))
  assertError(await refresh(stack.issuer, client.client_id, refreshToken), 400, 'unauthorized_client')
})

test('AS-100: other redirect URIs or keys end what people consented to, and they are asked again', async () => {
  for (const changes of [
    { redirect_uris: [CALLBACK, 'https://app.example.com/second'] },
    { jwks: { keys: [jwk] } },
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
  ]) {
    const client = await registeredOwn()
    const { refreshToken } = await tokensFor('bob', stack.issuer, client.client_id)
    assert.equal((await manage('PUT', client, replacementOf(client, changes))).status, 200)
    assert.ok((await revokedEpoch(client.client_id)) > 0)
    const reply = await refresh(stack.issuer, client.client_id, refreshToken)
    assert.ok([400, 401].includes(reply.status), JSON.stringify(reply.body))
    const grants = await stack.store.read((db) =>
      db
        .selectFrom('grants')
        .select('id')
        .where('client_id', '=', client.client_id)
        .where('ended_at', 'is', null)
        .execute(),
    )
    assert.deepEqual(grants, [])
  }
})

test('AS-100: a deleted client takes its tokens and grants along, and the epoch says so', async () => {
  const client = await registeredOwn()
  const { accessToken, refreshToken } = await tokensFor('bob', stack.issuer, client.client_id)
  assert.equal((await manage('DELETE', client)).status, 204)
  assert.ok((await revokedEpoch(client.client_id)) > Number(claimsOf(accessToken)['epoch']))
  assertError(await refresh(stack.issuer, client.client_id, refreshToken), 401, 'invalid_client')
  assert.equal((await ask(stack.issuer, requestOf(client.client_id))).status, 400)
  const audit = await stack.store.read((db) =>
    db
      .selectFrom('audit_events')
      .select(['type', 'actor_kind', 'detail'])
      .where('client_id', '=', client.client_id)
      .execute(),
  )
  const changes = audit.filter(({ type }) => type === 'client.changed')
  assert.deepEqual(
    changes.map(({ actor_kind, detail }) => [actor_kind, (JSON.parse(detail) as { change: string }).change]),
    [
      ['client', 'registered itself'],
      ['client', 'removed by itself'],
    ],
  )
})

test('AS-101: no token, a wrong one, that of another client and an unknown client are answered alike', async () => {
  const [client, other] = [await registeredOwn(), await registeredOwn()]
  const token = String(other['registration_access_token'])
  const unknown = { registration_client_uri: `${stack.issuer}/register/dcr_nobody` }
  const ours = { registration_client_uri: `${stack.issuer}/register/vet-assist-dev` }
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const body = method === 'PUT' ? replacementOf(client) : undefined
    const answers = await Promise.all([
      manage(method, client, body, 'wrong'),
      manage(method, client, body, token),
      manage(method, client, body, ''),
      manage(method, unknown, body, token),
      manage(method, ours, body, token),
    ])
    for (const reply of answers) {
      assertError(reply, 401, 'invalid_token')
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer/)
      assert.deepEqual(reply.body, answers[0]?.body)
    }
  }
  assert.equal((await manage('GET', client)).status, 200)
})

test('AS-101: a client that an operator suspended may not read or change itself until it is resumed', async () => {
  const client = await registeredOwn()
  await runCommand(operator(), suspendClient, { id: client.client_id })
  assertError(await manage('GET', client), 403, 'access_denied')
  assertError(await manage('PUT', client, replacementOf(client)), 403, 'access_denied')
  assertError(await manage('DELETE', client), 403, 'access_denied')
  await runCommand(operator(), resumeClient, { id: client.client_id })
  assert.equal((await manage('GET', client)).status, 200)
})

test('AS-101: what one tenant registered is nobody in another, and neither is its token', async () => {
  await runCommand({ ...operator(), tenant: 'north' }, createTenant, { name: 'North' })
  const north = `${stack.issuer}/t/north`
  const own = { ...RIGHT, manage_registration: true }
  const { status, body: theirs } = await send('POST', `${north}/register`, own)
  assert.equal(status, 201)
  assert.equal(theirs['registration_client_uri'], `${north}/register/${String(theirs['client_id'])}`)
  assert.equal((await manage('GET', theirs)).status, 200)
  const here = { registration_client_uri: `${stack.issuer}/register/${String(theirs['client_id'])}` }
  const token = String(theirs['registration_access_token'])
  for (const method of ['GET', 'DELETE'] as const)
    assertError(await manage(method, here, undefined, token), 401, 'invalid_token')
  assert.equal((await ask(stack.issuer, requestOf(String(theirs['client_id'])))).status, 400)
  const shared = { ...RIGHT, client_name: 'In both' }
  const [one, two] = [await send('POST', `${north}/register`, shared), await register({ client_name: 'In both' })]
  assert.notEqual(one.body['client_id'], two.body['client_id'])
})

test('AS-61, AS-84: scripts of any origin find the endpoint in the metadata, register and manage', async () => {
  const metadata = (await (await fetch(`${stack.issuer}/.well-known/oauth-authorization-server`)).json()) as Metadata
  const endpoint = String(metadata['registration_endpoint'])
  assert.equal(endpoint, `${stack.issuer}/register`)
  for (const [url, method] of [
    [endpoint, 'POST'],
    [`${endpoint}/dcr_x`, 'PUT'],
    [`${endpoint}/dcr_x`, 'DELETE'],
  ] as const) {
    const headers = {
      origin: 'https://inspector.example',
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    }
    const preflight = await fetch(url, { method: 'OPTIONS', headers })
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', new RegExp(method))
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/)
    const { origin } = headers
    const answer = await fetch(url, { method, headers: { origin } })
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  }
})

test('AS-84, AS-97: where registration is off, no metadata lead to it and whoever comes is told whom to ask', async () => {
  const closed = await startStack({
    dynamicClients: { documents: true, registration: false, publicClients: true, allowedHosts: [], blockedHosts: [] },
  })
  try {
    const metadata = (await (await fetch(`${closed.issuer}/.well-known/openid-configuration`)).json()) as Metadata
    assert.equal(metadata['registration_endpoint'], undefined)
    const reply = await send('POST', `${closed.issuer}/register`, RIGHT)
    assertError(reply, 403, 'access_denied')
    assert.match(String(reply.body['error_description']), /administrator/)
  } finally {
    await closed.close()
  }
})
