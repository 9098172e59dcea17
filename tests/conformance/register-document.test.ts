// Clients that nobody registered, known by a document at a real https host on loopback.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createAuthorizationServer } from '@permitry/server'
import { startTlsHost, TEST_CA, type TlsHost } from '@permitry/server/testing'
import { Browser } from '@permitry/testkit'
import { assertionOf, proved } from './assertion.ts'
import { clientKeys } from './client-keys.ts'
import {
  ask,
  assertAccepted,
  assertError,
  authorizeAs,
  claimsOf,
  codeFor,
  conformanceStack,
  encode,
  type Parameters,
  refresh,
  requestOf,
  signIn,
  tokensFor,
} from './harness.ts'
import { CALLBACK } from './parties.ts'

const HOUR = 3600
const PUBLIC_KEY = clientKeys.p256.publicJwk
const KEYED = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [PUBLIC_KEY] } }

type Answer = (response: ServerResponse, etag: string | undefined) => void

let host: TlsHost
const answers = new Map<string, Answer>()
/** The paths that were asked for, in order. */
const asked: string[] = []

const server = conformanceStack(
  async () => {
    host = await startTlsHost(({ url = '', headers }, response) => {
      asked.push(url)
      const answer = answers.get(url)
      if (answer) answer(response, headers['if-none-match'])
      else response.writeHead(404).end()
    })
  },
  { extraCaCertificates: [TEST_CA], trustedProxies: ['127.0.0.1'] },
  () => host.close(),
)

let ahead = 0
function advance(seconds: number): void {
  ahead += seconds
  server().advance(seconds)
}

let published = 0

/** Publishes a good document unless it is changed; the URL is the client_id. */
function publish(changes: object = {}, headers: Record<string, string> = {}): string {
  const path = `/client-${++published}.json`
  return publishAt(path, changes, headers)
}

function publishAt(path: string, changes: object = {}, headers: Record<string, string> = {}): string {
  const document = {
    client_id: `${host.origin}${path}`,
    client_name: 'Notes',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    ...changes,
  }
  answers.set(path, (response) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document)),
  )
  return `${host.origin}${path}`
}

const pathOf = (clientId: string) => clientId.slice(host.origin.length)

/** From now on the host answers so. */
const answerWith = (clientId: string, status: number, headers: Record<string, string> = {}) =>
  void answers.set(pathOf(clientId), (response) => response.writeHead(status, headers).end('{}'))

const timesAsked = (clientId: string) => asked.filter((path) => path === pathOf(clientId)).length

/** The assertion of a client that has the key of its document, for one request. */
async function signedFor(clientId: string): Promise<Parameters> {
  const iat = Math.floor(Date.now() / 1000) + ahead
  return proved(await assertionOf(clientId, server().issuer, { claims: { iat, exp: iat + 60 } }))
}

/** The request ended on a page that says so, before anybody was sent anywhere. */
async function assertStopped(clientId: string, status: number, words: RegExp, changes: Parameters = {}): Promise<void> {
  const response = await ask(server().issuer, requestOf(clientId, changes))
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.equal(response.headers.get('location'), null)
  assert.match(text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '), words)
}

const rowOf = (clientId: string) =>
  server().stack.store.read((db) => db.selectFrom('clients').selectAll().where('id', '=', clientId).executeTakeFirst())

test('AS-2, AS-11: a client that nobody registered is known by its document, is consented to, and gets tokens', async () => {
  const { issuer } = server()
  const id = publish()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, id)
  assert.equal(claimsOf(accessToken)['client_id'], id)
  const reply = await refresh(issuer, id, refreshToken)
  assert.equal(reply.status, 200, JSON.stringify(reply.body))
  assert.equal((await rowOf(id))?.registration, 'cimd')
})

test('AS-2: without scope and resource it asks for the defaults of the only server that is there for it', async () => {
  const { issuer, stack } = server()
  const setAllowed = (dynamic_scopes: string | null) =>
    stack.store.unit((db) => db.updateTable('servers').set({ dynamic_scopes }).where('id', '!=', 'vetassist').execute())
  const id = publish()
  await setAllowed('[]')
  const { accessToken } = await tokensFor('bob', issuer, id, { scope: undefined, resource: undefined })
  const { aud, scope } = claimsOf(accessToken)
  assert.deepEqual([aud, scope], ['mcp://vetassist', 'pet-profile:read'])
  await setAllowed(null)
})

test('AS-2: a document that limits its scopes gets no more than these, and a server that allows none is closed to it', async () => {
  const { issuer, stack } = server()
  const limited = publish({ scope: 'pet-profile:read' })
  const { params } = await authorizeAs(
    'dana',
    issuer,
    requestOf(limited, { scope: 'pet-profile:read pet-profile:write' }),
  )
  assert.ok(params.get('code'))
  const { accessToken } = await tokensFor('dana', issuer, limited, { scope: 'pet-profile:read pet-profile:write' })
  assert.equal(claimsOf(accessToken)['scope'], 'pet-profile:read')
  assert.deepEqual(claimsOf(accessToken)['entitlements'], ['pet-profile:read'])
  const setAllowed = (dynamic_scopes: string | null) =>
    stack.store.unit((db) => db.updateTable('servers').set({ dynamic_scopes }).where('id', '=', 'vetassist').execute())
  await setAllowed('[]')
  const { params: refused } = await authorizeAs('dana', issuer, requestOf(limited))
  assert.equal(refused.get('error'), 'invalid_target')
  await setAllowed(null)
})

test('AS-21: the metadata says that documents are taken, where they are', async () => {
  const { issuer, stack } = server()
  const said = async (documents: boolean) => {
    const dynamicClients = { documents, registration: true, publicClients: true, allowedHosts: [], blockedHosts: [] }
    const masterKey = new Uint8Array(32).fill(7)
    const other = await createAuthorizationServer({ store: stack.store, issuer, masterKey, dynamicClients })
    const response = await other.fetch(new Request(`${issuer}/.well-known/oauth-authorization-server`))
    return ((await response.json()) as Record<string, unknown>)['client_id_metadata_document_supported']
  }
  assert.deepEqual([await said(true), await said(false)], [true, undefined])
})

test('AS-20: hosts that an operator blocked or did not allow are not asked', async () => {
  const { issuer, stack } = server()
  const id = publish()
  const masterKey = new Uint8Array(32).fill(7)
  for (const lists of [
    { allowedHosts: ['claude.ai'], blockedHosts: [] },
    { allowedHosts: [], blockedHosts: ['localhost'] },
    { allowedHosts: [], blockedHosts: [], documents: false },
  ]) {
    const dynamicClients = { documents: true, registration: true, publicClients: true, ...lists }
    const options = { store: stack.store, issuer, masterKey, dynamicClients, extraCaCertificates: [TEST_CA] }
    const other = await createAuthorizationServer(options)
    const response = await other.fetch(new Request(`${issuer}/authorize?${encode(requestOf(id)).toString()}`))
    assert.equal(response.status, 400)
    assert.match(await response.text(), /not taken here/)
  }
  assert.equal(timesAsked(id), 0)
})

test('AS-12, AS-142: the document names the URL that it stands at, and is served as JSON', async () => {
  await assertStopped(publish({ client_id: `${host.origin}/else.json` }), 400, /client_id is not exactly/)
  await assertStopped(publish({}, { 'content-type': 'text/html' }), 400, /application\/json/)
  assertAccepted(
    await ask(server().issuer, requestOf(publish({}, { 'content-type': 'application/cimd+json; charset=utf-8' }))),
    server().issuer,
  )
})

test('AS-13: a document is fetched again when its headers say so, and then with its ETag', async () => {
  const { issuer } = server()
  const id = publish({}, { 'cache-control': 'max-age=600', etag: '"1"' })
  const visit = async () => assertAccepted(await ask(issuer, requestOf(id)), issuer)
  await visit()
  await visit()
  assert.equal(timesAsked(id), 1)
  advance(601)
  let sent: string | undefined
  answers.set(pathOf(id), (response, etag) => {
    sent = etag
    response.writeHead(304, { 'cache-control': 'max-age=1200' }).end()
  })
  await visit()
  assert.deepEqual([sent, timesAsked(id)], ['"1"', 2])
  advance(1199)
  await visit()
  assert.equal(timesAsked(id), 2)
})

test('AS-145: what failed is asked for again, at once', async () => {
  const { issuer } = server()
  const id = publish({ client_name: undefined })
  await assertStopped(id, 400, /client_name/)
  answerWith(id, 404)
  await assertStopped(id, 400, /no description of it any more/)
  answerWith(id, 500)
  await assertStopped(id, 503, /does not answer/)
  assert.equal(await rowOf(id), undefined)
  publishAt(pathOf(id))
  assertAccepted(await ask(issuer, requestOf(id)), issuer)
})

test('AS-14, AS-146: a redirect URI is one of the document, and of a native client at any port of loopback', async () => {
  const { issuer } = server()
  const web = publish()
  await assertStopped(web, 400, /return address is not registered/, { redirect_uri: `${CALLBACK}/other` })
  const native = publish({ redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'] })
  assertAccepted(await ask(issuer, requestOf(native, { redirect_uri: 'http://127.0.0.1:50123/callback' })), issuer)
  await assertStopped(native, 400, /not registered/, { redirect_uri: 'http://127.0.0.1:50123/other' })
})

test('AS-15: a document without a name, without redirect URIs or without JSON is refused', async () => {
  await assertStopped(publish({ client_name: undefined }), 400, /client_name/)
  await assertStopped(publish({ redirect_uris: undefined }), 400, /redirect_uris is missing/)
  const id = publish()
  answers.set(pathOf(id), (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'))
  await assertStopped(id, 400, /not a JSON object/)
})

test('AS-16: what a document says beside that is held to the rules of registered clients', async () => {
  const refusals: [object, RegExp][] = [
    [{ grant_types: 'authorization_code' }, /grant_types` has a value of the wrong type/],
    [{ redirect_uris: ['http://app.example.com/'] }, /may use http only on localhost/],
    [{ redirect_uris: [CALLBACK, 'javascript:alert(1)'] }, /must not use/],
    [{ post_logout_redirect_uris: ['ftp://a'] }, /must not use/],
    [{ grant_types: ['client_credentials'] }, /grant_types must have authorization_code/],
    [{ response_types: ['token'] }, /response_types must have code/],
    [{ ...KEYED, jwks_uri: 'https://app.example.com/jwks' }, /jwks or jwks_uri, not both/],
    [{ ...KEYED, jwks: { keys: [{ ...PUBLIC_KEY, d: 'AA' }] } }, /private or symmetric/],
    [{ ...KEYED, jwks: undefined, jwks_uri: 'http://app.example.com/jwks' }, /jwks_uri must be an https URL/],
    [{ ...KEYED, token_endpoint_auth_signing_alg: 'HS256' }, /token_endpoint_auth_signing_alg must be one of/],
    [{ scope: 'a"b' }, /scope has a character/],
    [{ token_endpoint_auth_method: 'attest_jwt_client_auth' }, /must be one of none, private_key_jwt/],
  ]
  for (const [changes, words] of refusals) await assertStopped(publish(changes), 400, words)
})

test('AS-16: what this server does not know is left out, and the rest counts', async () => {
  const { issuer } = server()
  const claude = publish({
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types: ['code', 'code id_token'],
    contacts: 'support@example.com',
    software_version: 7,
  })
  assertAccepted(await ask(issuer, requestOf(claude)), issuer)
  assert.equal((await rowOf(claude))?.grant_types, '["authorization_code","refresh_token"]')
  const chatgpt = publish({
    token_endpoint_auth_method: 'attest_jwt_client_auth',
    token_endpoint_auth_methods_supported: ['attest_jwt_client_auth', 'none'],
  })
  assertAccepted(await ask(issuer, requestOf(chatgpt)), issuer)
  assert.equal((await rowOf(chatgpt))?.auth_method, 'none')
})

test('AS-140: what is no document URL is nobody, and is not asked for', async () => {
  const { origin, port } = host
  publishAt('/notes.json')
  const before = asked.length
  for (const id of [
    origin,
    `${origin}/`,
    `${origin}/#notes.json`,
    `${origin}/notes.json#`,
    `${origin}/a/../notes.json`,
    `${origin}/%2e/notes.json`,
    `https://user@localhost:${port}/notes.json`,
    `https://LOCALHOST:${port}/notes.json`,
    `https:localhost:${port}/notes.json`,
  ])
    await assertStopped(id, 400, /not known here/)
  assert.equal(asked.length, before)
})

test('AS-141: redirects are not followed, and nothing but 200 is a document', async () => {
  const good = publish()
  const id = publish()
  for (const status of [301, 302, 307, 308]) {
    answerWith(id, status, { location: good })
    await assertStopped(id, 400, /no description could be had/)
  }
  assert.equal(timesAsked(good), 0)
  for (const status of [201, 204, 401, 429]) {
    answerWith(id, status)
    await assertStopped(id, 400, /no description could be had/)
  }
})

test('AS-143: a secret in a document is refused, and so is a method that needs one', async () => {
  await assertStopped(publish({ client_secret: 'secret' }), 400, /client_secret/)
  await assertStopped(publish({ client_secret_expires_at: 0 }), 400, /client_secret/)
  for (const token_endpoint_auth_method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']) {
    const methods = { token_endpoint_auth_method, token_endpoint_auth_methods_supported: ['none'] }
    await assertStopped(publish(methods), 400, /for which there is no secret/)
  }
})

test('AS-144: a request whose document cannot be fetched ends on a page', async () => {
  const id = publish()
  answers.set(pathOf(id), (response) => void response.destroy())
  await assertStopped(id, 503, /does not answer/)
  for (const status of [403, 500, 503]) {
    answerWith(id, status)
    await assertStopped(id, 503, /does not answer/)
  }
})

test('AS-147: documents at special-use addresses are not fetched', async () => {
  for (const address of ['10.0.0.1', '192.168.0.1', '169.254.169.254', '[fd00::1]', '0.0.0.0'])
    await assertStopped(`https://${address}/client.json`, 400, /no description could be had/)
})

test('AS-148: a document has 5 KB at most', async () => {
  const { issuer } = server()
  const size = JSON.stringify({ client_id: '', client_name: 'Notes', redirect_uris: [CALLBACK] }).length
  const filled = (bytes: number) => {
    const path = `/client-${++published}.json`
    const rest = { grant_types: undefined, padding: '' }
    return publishAt(path, { ...rest, padding: 'x'.repeat(bytes - size - host.origin.length - path.length - 13) })
  }
  assertAccepted(await ask(issuer, requestOf(filled(5120))), issuer)
  await assertStopped(filled(5121), 400, /larger than 5 KB/)
})

test('AS-150: a client whose document names keys gets tokens with them, and is nobody without', async () => {
  const { issuer } = server()
  const id = publish(KEYED)
  const { redeem } = await codeFor('bob', issuer, id)
  assertError(await redeem(), 401, 'invalid_client')
  const reply = await redeem(await signedFor(id))
  assert.equal(reply.status, 200, JSON.stringify(reply.body))
})

test('AS-151: new redirect URIs or keys end what was consented to, until it is consented to again', async () => {
  const { issuer } = server()
  const changes = [
    { redirect_uris: [CALLBACK, 'https://app.example.com/other'] },
    { jwks: { keys: [PUBLIC_KEY] } },
    { redirect_uris: ['https://app.example.com/other'], jwks: { keys: [PUBLIC_KEY] } },
  ]
  const id = publish()
  let { refreshToken } = await tokensFor('bob', issuer, id)
  for (const change of changes) {
    publishAt(pathOf(id), change)
    advance(HOUR + 1)
    assertError(await refresh(issuer, id, refreshToken), 400, 'invalid_grant')
    const { redirect_uris: [redirect_uri] = [CALLBACK] } = change as { redirect_uris?: string[] }
    ;({ refreshToken } = await tokensFor('bob', issuer, id, { redirect_uri }))
    const reply = await refresh(issuer, id, refreshToken)
    assert.equal(reply.status, 200, JSON.stringify(reply.body))
    refreshToken = String(reply.body['refresh_token'])
  }
  // A new name is shown at the next consent, and stops nothing.
  publishAt(pathOf(id), { ...changes[2], client_name: 'Notes 2' })
  advance(HOUR + 1)
  assert.equal((await refresh(issuer, id, refreshToken)).status, 200)
})

test('AS-152: login and consent show the host of the client_id, and that nobody vouches for the name', async () => {
  const browser = new Browser()
  const id = publish({ client_name: 'Claude', redirect_uris: ['http://localhost/callback'] })
  const request = requestOf(id, { redirect_uri: 'http://localhost:5000/callback' })
  const login = await browser.open(`${server().issuer}/authorize?${encode(request).toString()}`)
  const textOf = ({ text }: { text: string }) => text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  assert.match(textOf(login), new RegExp(`Claude .*localhost:${host.port}`))
  const consent = textOf(await signIn(browser, login, 'bob'))
  assert.match(consent, new RegExp(`Claude from localhost:${host.port} asks`))
  assert.match(consent, /Not verified .*nobody here vouches for it/)
  assert.match(consent, /First seen today/)
  assert.match(consent, /You return to localhost:5000/)
  assert.match(consent, /This returns to a program on your own computer/)
})

test('AS-152: a client that nobody registered is consented to every time', async () => {
  const { issuer } = server()
  const id = publish()
  await tokensFor('bob', issuer, id)
  const { params } = await authorizeAs('bob', issuer, requestOf(id, { prompt: 'none' }))
  assert.equal(params.get('error'), 'consent_required')
})

test('AS-16: while its host is down, a client goes on for people who have a grant, and for nobody else', async () => {
  const { issuer } = server()
  const id = publish()
  let { refreshToken } = await tokensFor('bob', issuer, id)
  advance(HOUR + 1)
  const outages: Answer[] = [
    (response) => response.writeHead(403).end(),
    (response) => response.writeHead(502).end(),
    (response) => void response.destroy(),
  ]
  for (const outage of outages) {
    answers.set(pathOf(id), outage)
    const reply = await refresh(issuer, id, refreshToken)
    assert.equal(reply.status, 200, JSON.stringify(reply.body))
    refreshToken = String(reply.body['refresh_token'])
    // Not asked again by everybody while it is down.
    const times = timesAsked(id)
    await refresh(issuer, id, refreshToken)
    refreshToken = String((await refresh(issuer, id, refreshToken)).body['refresh_token'])
    assert.equal(timesAsked(id), times)
    advance(61)
  }
  assert.ok((await authorizeAs('bob', issuer, requestOf(id))).params.get('code'))
  const { params } = await authorizeAs('carol', issuer, requestOf(id))
  assert.deepEqual([params.get('error'), params.get('code')], ['temporarily_unavailable', null])

  advance(61)
  for (const status of [401, 429, 302]) {
    answerWith(id, status, { location: id })
    assertError(await refresh(issuer, id, refreshToken), 503, 'temporarily_unavailable')
  }
  advance(22 * HOUR)
  answerWith(id, 503)
  assert.equal((await refresh(issuer, id, refreshToken)).status, 200)
  advance(2 * HOUR)
  const late = await refresh(issuer, id, refreshToken)
  assertError(late, 503, 'temporarily_unavailable')
  await assertStopped(id, 503, /does not answer/)
})

test('AS-16: keys of a document that cannot be fetched prove nothing', async () => {
  const { issuer } = server()
  const id = publish(KEYED)
  const { redeem } = await codeFor('bob', issuer, id)
  const refreshToken = String((await redeem(await signedFor(id))).body['refresh_token'])
  advance(HOUR + 1)
  answerWith(id, 503)
  const late = await refresh(issuer, id, refreshToken, await signedFor(id))
  assertError(late, 503, 'temporarily_unavailable')
  advance(61)
  publishAt(pathOf(id), KEYED)
  assert.equal((await refresh(issuer, id, refreshToken, await signedFor(id))).status, 200)
})

test('AS-17: a document that is gone or invalid stops its client with all its tokens, until it is good again', async () => {
  const { issuer, stack } = server()
  const stops: [string, (id: string) => unknown][] = [
    ['404', (id) => answerWith(id, 404)],
    ['410', (id) => answerWith(id, 410)],
    ['no redirect URIs', (id) => publishAt(pathOf(id), { redirect_uris: [] })],
    ['another client_id', (id) => publishAt(pathOf(id), { client_id: 'https://else.example/client.json' })],
  ]
  for (const [what, stop] of stops) {
    const id = publish()
    const { refreshToken, accessToken } = await tokensFor('bob', issuer, id)
    stop(id)
    advance(HOUR + 1)
    assertError(await refresh(issuer, id, refreshToken), 401, 'invalid_client')
    const revocations = await stack.store.read((db) =>
      db.selectFrom('revocations').select('epoch').where('client_id', '=', id).execute(),
    )
    assert.equal(revocations.length, 1, what)
    assert.ok(Number(claimsOf(accessToken)['epoch']) < Number(revocations[0]?.epoch), what)
    await assertStopped(id, 400, /not known here/)
    answerWith(id, 503)
    await assertStopped(id, 503, /does not answer/)
    publishAt(pathOf(id))
    assert.equal((await refresh(issuer, id, refreshToken)).status, 200, what)
  }
})

test('AS-17: a client that an operator suspended stays so, whatever its document says', async () => {
  const { issuer, stack } = server()
  const id = publish()
  await ask(issuer, requestOf(id))
  await stack.store.unit((db) => db.updateTable('clients').set({ status: 'suspended' }).where('id', '=', id).execute())
  advance(25 * HOUR)
  await assertStopped(id, 400, /not known here/)
  assert.equal((await rowOf(id))?.status, 'suspended')
})

test('AS-17: requests that come together are one fetch', async () => {
  const { issuer } = server()
  const id = publish()
  for (const response of await Promise.all(Array.from({ length: 12 }, () => ask(issuer, requestOf(id)))))
    assertAccepted(response, issuer)
  assert.equal(timesAsked(id), 1)
})

test('AS-17: no network makes this server fetch documents without end, or learn of clients at the token endpoint', async () => {
  const { issuer } = server()
  const unknown = publish()
  assertError(await refresh(issuer, unknown, 'token'), 401, 'invalid_client')
  assert.equal(timesAsked(unknown), 0)

  assert.equal(await visitFrom('203.0.113.9'), 303)
  await setRateCounts(59)
  assert.deepEqual([await visitFrom('203.0.113.9'), await visitFrom('203.0.113.9')], [303, 429])
  assert.equal(await visitFrom('203.0.113.10'), 303)
})

test('AS-17: a host introduces a hundred clients a day', async () => {
  advance(25 * HOUR)
  assert.equal(await visitFrom('203.0.113.11'), 303)
  await setRateCounts(99)
  assert.deepEqual([await visitFrom('203.0.113.12'), await visitFrom('203.0.113.13')], [303, 429])
})

/** Somebody with an application that nobody has seen before. */
async function visitFrom(address: string): Promise<number> {
  const url = `${server().issuer}/authorize?${encode(requestOf(publish())).toString()}`
  return (await fetch(url, { redirect: 'manual', headers: { 'x-forwarded-for': address } })).status
}

/** As if all that is counted had happened so often. */
function setRateCounts(count: number): Promise<unknown> {
  return server().stack.store.unit((db) => db.updateTable('rate_counts').set({ count }).execute())
}
