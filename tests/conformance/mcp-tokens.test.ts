import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { listen, type Listening, VET_ASSIST } from '@permitry/testkit'
import { type Issuer, startIssuer } from './mcp-issuer.ts'
import { type Answer, assertRan, bearerOf, call, legacy, modern, post, rawStatus, linesOf } from './mcp-client.ts'
import { modernServer, type Observed, READ } from './mcp-server.ts'

let mcp: Listening
let issuer: Issuer
let url: string
let observed: Observed
before(async () => {
  mcp = await listen()
  url = `${mcp.origin}/mcp`
  issuer = await startIssuer(() => url)
  const guarded = modernServer(issuer.issuer, url)
  observed = guarded.observed
  mcp.serve(guarded.serve)
})
after(() => Promise.all([mcp.close(), issuer.close()]))

/** A token that is no good: 401, invalid_token, where to go, and nothing of why. Nothing ran. */
async function assertNoGood(token: string, because: string): Promise<void> {
  const before = observed.requests.length
  const answer = await post(url, call('clinic_hours'), token)
  assert.equal(answer.status, 401, because)
  const { error, error_description: description, resource_metadata: place } = bearerOf(answer)
  assert.equal(error, 'invalid_token', because)
  assert.ok(place?.startsWith(`${mcp.origin}/.well-known/oauth-protected-resource`))
  assert.equal(description, 'the access token is not valid', 'which check failed is not told')
  assert.equal(observed.requests.length, before, because)
}

const seconds = (): number => Math.floor(Date.now() / 1000)

test('RS-8, RS-60: a token that is good in everything opens the tool', async () => {
  assertRan(await post(url, call('clinic_hours'), await issuer.token()), 'clinic_hours ran')
})

test('RS-9, RS-11, RS-40, RS-60: a token for another audience is refused, however close its name', async () => {
  for (const aud of [
    undefined,
    '',
    'https://other.example/mcp',
    mcp.origin,
    `${url}/`,
    `${url}/other`,
    `${url}x`,
    url.replace('/mcp', '/MCP'),
    url.replace('http:', 'https:'),
    `${url}?a`,
    `${url}#a`,
    url.replace('127.0.0.1', 'localhost'),
    `${VET_ASSIST}/x`,
    'mcp://vetassist.evil.example',
    issuer.issuer,
    'exact',
    ['https://other.example/mcp'],
    [],
    null,
    42,
    [42],
    [null],
    { url },
  ]) {
    await assertNoGood(await issuer.token({ aud }), JSON.stringify(aud))
  }
  for (const aud of [url, VET_ASSIST, [url], ['https://other.example/mcp', url]]) {
    assertRan(await post(url, call('clinic_hours'), await issuer.token({ aud })))
  }
})

test('RS-10, RS-60: an expired token is a 401, and so is one without expiry or from the future', async () => {
  const now = seconds()
  await assertNoGood(await issuer.token({ exp: now - 90, iat: now - 400 }), 'expired')
  await assertNoGood(await issuer.token({ exp: undefined }), 'no exp')
  await assertNoGood(await issuer.token({ exp: 'tomorrow' }), 'exp is no number')
  await assertNoGood(await issuer.token({ nbf: now + 120 }), 'not yet')
})

test('RS-10: a token that was verified is refused when its time is over', async () => {
  const token = await issuer.token()
  let ahead = 0
  await using clocked = await listen()
  clocked.serve(modernServer(issuer.issuer, url, { guard: { clock: () => Date.now() + ahead } }).serve)
  const statusNow = async (): Promise<number> =>
    (await post(`${clocked.origin}/mcp`, call('clinic_hours'), token)).status
  assert.equal(await statusNow(), 200)
  ahead = 400_000
  assert.equal(await statusNow(), 401)
})

test('RS-60, RS-11: only the exact issuer counts', async () => {
  for (const iss of [
    undefined,
    `${issuer.issuer}/`,
    issuer.issuer.toUpperCase(),
    'https://evil.example',
    `${issuer.issuer}/t/north`,
    [issuer.issuer],
  ]) {
    await assertNoGood(await issuer.token({ iss }), String(iss))
  }
})

test('RS-60: only the type at+jwt is an access token: ID tokens and logout tokens are none', async () => {
  for (const typ of [undefined, 'JWT', 'jwt', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', 'at+jwt2', 'x/at+jwt']) {
    await assertNoGood(await issuer.token({}, { typ }), String(typ))
  }
  for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT']) {
    assert.equal((await post(url, call('clinic_hours'), await issuer.token({}, { typ }))).status, 200, typ)
  }
})

test('RS-60: required claims are required, and claims of the wrong kind are refused', async () => {
  for (const name of ['sub', 'client_id', 'iat', 'jti'])
    await assertNoGood(await issuer.token({ [name]: undefined }), name)
  for (const claims of [
    { sub: '' },
    { sub: 1 },
    { client_id: ['a'] },
    { jti: {} },
    { scope: ['a'] },
    { scope: 'a"b' },
    { entitlements: 'all' },
    { roles: 'admin' },
  ]) {
    await assertNoGood(await issuer.token(claims), JSON.stringify(claims))
  }
})

test('RS-60, RS-61: alg none, symmetric algorithms and a public key as secret are refused', async () => {
  const good = await issuer.token()
  const [head = '', payload = '', signature = ''] = good.split('.')
  const headed = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url')
  await assertNoGood(`${headed({ alg: 'none', typ: 'at+jwt' })}.${payload}.`, 'alg none')
  await assertNoGood(`${headed({ alg: 'None', typ: 'at+jwt', kid: 'own' })}.${payload}.${signature}`, 'alg None')
  const publicKey = JSON.stringify(await (await fetch(`${issuer.issuer}/jwks`)).json())
  for (const secret of [publicKey, 'own', '']) {
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret.padEnd(32)),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    await assertNoGood(await issuer.token({}, { alg: 'HS256' }, key), 'HS256')
  }
  await assertNoGood(`${head}.${payload}.${signature.slice(0, -2)}AA`, 'signature changed')
  await assertNoGood(
    `${head}.${Buffer.from(Buffer.from(payload, 'base64url').toString().replace('usr_bob', 'usr_ann')).toString('base64url')}.${signature}`,
    'payload changed',
  )
  await assertNoGood(`${head}.${payload}.`, 'signature removed')
})

test('RS-61: keys come from the authorization server alone, whatever the header of a token offers', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'evil', alg: 'ES256', use: 'sig' }
  let fetched = 0
  await using trap = await listen()
  trap.serve(() => (fetched++, Response.json({ keys: [jwk] })))
  for (const header of [
    { jwk },
    { jku: `${trap.origin}/jwks` },
    { x5u: `${trap.origin}/cert` },
    { kid: 'evil' },
    { kid: 'own' },
    { kid: undefined },
    { kid: '../../own' },
    { kid: `${trap.origin}/jwks` },
  ]) {
    await assertNoGood(await issuer.token({}, header, privateKey), JSON.stringify(header))
  }
  assert.equal(fetched, 0)
})

test('RS-61: a critical extension that nobody understands is refused', async () => {
  await assertNoGood(await issuer.token({}, { crit: ['x'], x: 1 }), 'crit x')
  await assertNoGood(await issuer.token({}, { crit: ['b64'], b64: true }), 'crit b64')
})

test('RS-61: unknown key ids make the keys be fetched once, not once each', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  const before = issuer.keyFetches()
  for (let i = 0; i < 20; i++)
    await assertNoGood(await issuer.token({}, { kid: `unknown-${i}` }, privateKey), 'unknown kid')
  assert.ok(issuer.keyFetches() - before <= 1, `${issuer.keyFetches() - before} fetches`)
})

test('RS-61: weak RSA keys and keys for encryption verify nothing, even when they are published', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const enc = { ...(await exportJWK(publicKey)), kid: 'enc', use: 'enc', alg: 'ES256' }
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const weak = { ...short.publicKey.export({ format: 'jwk' }), kid: 'weak', use: 'sig', alg: 'RS256' }
  issuer.publish(enc, weak as JWK)
  await using fresh = await listen()
  fresh.serve(modernServer(issuer.issuer, url).serve)
  const [, payload = ''] = (await issuer.token()).split('.')
  const head = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: 'weak' })).toString('base64url')
  const signature = sign('sha256', Buffer.from(`${head}.${payload}`), short.privateKey).toString('base64url')
  for (const token of [await issuer.token({}, { kid: 'enc' }, privateKey), `${head}.${payload}.${signature}`]) {
    const answer = await post(`${fresh.origin}/mcp`, call('clinic_hours'), token)
    assert.equal(answer.status, 401, answer.text)
  }
  issuer.publish()
})

test('RS-62: a token that is bound to a key is refused as a bearer token', async () => {
  for (const cnf of [{ jkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }, { 'x5t#S256': 'a' }, {}, null]) {
    await assertNoGood(await issuer.token({ cnf }), JSON.stringify(cnf))
  }
})

test('RS-62: a token of the bearer kind with the DPoP scheme is refused', async () => {
  const token = await issuer.token()
  const sent = call('clinic_hours')
  const answer = await post(url, { ...sent, headers: { ...sent.headers, authorization: `DPoP ${token}` } })
  assert.equal(answer.status, 401)
})

test('RS-20, RS-40, RS-15: every request is verified, whatever its method, path, era or session', async () => {
  const messages = [
    call('clinic_hours'),
    modern('server/discover'),
    modern('tools/list'),
    modern('unknown/method'),
    legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }),
    legacy('ping'),
    legacy('notifications/initialized'),
    legacy('tools/list', {}, { 'mcp-session-id': 'a-session' }),
  ]
  for (const token of [undefined, await issuer.token({ aud: 'https://other.example' })]) {
    for (const sent of messages) assert.equal((await post(url, sent, token)).status, 401)
    for (const path of [
      '',
      '/',
      '/mcp/',
      '/mcp/x',
      '/MCP',
      '/%6dcp',
      '/mcp?x=1',
      '//mcp',
      '/.well-known/other',
      '/.well-known/oauth-protected-resource/../../mcp',
    ]) {
      assert.equal((await post(`${mcp.origin}${path}`, call('clinic_hours'), token)).status, 401, path)
    }
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD']) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      assert.equal((await fetch(url, { method, headers })).status, 401, method)
    }
  }
})

test('RS-8, RS-41: without credentials a body is not even read, malformed or huge', async () => {
  for (const raw of ['', '{', '[]', 'null', '{"jsonrpc":"2.0"}', 'x'.repeat(6_000_000)]) {
    const answer = await post(url, call('clinic_hours'), undefined, raw).catch((error: unknown) => error)
    // a server may close the connection while a huge body is still on its way
    if (answer instanceof Error) continue
    assert.equal((answer as Answer).status, 401, raw.slice(0, 20))
  }
})

test('RS-22: a token in the query string is no token, and beside one in the header it is invalid_request', async () => {
  const token = await issuer.token()
  const inQuery = await post(`${url}?access_token=${token}`, call('clinic_hours'))
  assert.equal(inQuery.status, 401)
  const both = await post(`${url}?access_token=${token}`, call('clinic_hours'), token)
  assert.equal(both.status, 400)
  assert.equal(bearerOf(both)['error'], 'invalid_request')
  const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: token }) })
  assert.equal(form.status, 401)
})

test('RS-41, RS-15: malformed credentials are refused without being decoded', async () => {
  const token = await issuer.token()
  const sent = call('clinic_hours')
  for (const authorization of [
    'Bearer',
    'Bearer ',
    'Bearer a',
    'Bearer a.b',
    `Bearer ${token}.x`,
    `Bearer ${token}=`,
    `Bearer ${token} x`,
    `Bearer "${token}"`,
    `Bearer ${'a'.repeat(20_000)}`,
    `Basic ${token}`,
    token,
    `Bearer ${token}, Bearer ${token}`,
  ]) {
    const answer = await post(url, { ...sent, headers: { ...sent.headers, authorization } }).catch(() => undefined)
    // the HTTP server itself may refuse a header of that length
    if (answer !== undefined) assert.ok([401, 431].includes(answer.status), authorization.slice(0, 40))
  }
  assertRan(await post(url, { ...sent, headers: { ...sent.headers, authorization: `bearer ${token}` } }))
})

test('RS-20, TR-17: two Authorization headers are not one good one', async () => {
  const [good, bad] = [await issuer.token(), await issuer.token({ aud: 'https://other.example' })]
  const sent = call('clinic_hours')
  for (const [first, second] of [
    [good, bad],
    [bad, good],
  ]) {
    const lines = linesOf(sent, first ?? '')
    const status = await rawStatus(url, [...lines, `Authorization: Bearer ${second ?? ''}`], JSON.stringify(sent.body))
    assert.equal(status, 401)
  }
})

test('RS-12, RS-23, RS-24: the token reaches neither the handler nor the audit nor the log', async () => {
  const token = await issuer.token()
  const logged: string[] = []
  const streams = [process.stdout, process.stderr] as const
  const writes = streams.map((stream) => stream.write.bind(stream))
  for (const stream of streams) stream.write = (chunk: unknown) => (logged.push(String(chunk)), true)
  try {
    const sent = call('list_pets')
    assertRan(await post(url, { ...sent, headers: { ...sent.headers, dpop: token } }, token))
    await post(url, call('unruled'), token)
    await post(url, call('list_pets'), `${token}x`)
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i]!
  }
  const secret = token.split('.')[2] ?? ''
  const seen = JSON.stringify([observed.requests, observed.audit, logged])
  assert.ok(observed.requests.length > 0 && observed.audit.length > 0)
  assert.ok(!seen.includes(secret))
})

test('RS-11: a token of another authorization server is refused, though its key id is the same', async () => {
  await using other = await startIssuer(() => url)
  await assertNoGood(await other.token(), 'another issuer')
  await assertNoGood(await other.token({ iss: issuer.issuer }), 'another issuer in the name of this')
})

test('RS-25, RS-20: the scopes of a token are not the only check: what no rule names is refused', async () => {
  const token = await issuer.token({ scope: `${READ} pet-profile:write`, entitlements: [READ, 'pet-profile:write'] })
  const answer = await post(url, call('unruled'), token)
  assert.equal(answer.message.error?.code, -32602, answer.text)
  assert.ok(!observed.ran.includes('unruled'))
})

test('RS-60: a token is taken by its signature and not by where it was signed: another key of the issuer is good too', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  issuer.publish({ ...(await exportJWK(publicKey)), kid: 'rsa', use: 'sig', alg: 'RS256' })
  const claims = {
    iss: issuer.issuer,
    aud: url,
    sub: 'usr_bob',
    client_id: 'exact',
    jti: 'a',
    iat: seconds(),
    exp: seconds() + 60,
    scope: READ,
  }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'rsa' })
    .sign(privateKey)
  await using fresh = await listen()
  fresh.serve(modernServer(issuer.issuer, url).serve)
  assertRan(await post(`${fresh.origin}/mcp`, call('clinic_hours'), token))
  issuer.publish()
})

test('RS-60: a token has one spelling: padding and spaces in it, which some decoders overlook, make it no token', async () => {
  const token = await issuer.token()
  const half = Math.floor(token.length * 0.97)
  for (const spelt of [`${token}=`, `${token}==`, `${token.slice(0, half)} ${token.slice(half)}`]) {
    await assertNoGood(spelt, spelt.slice(-60))
  }
})
