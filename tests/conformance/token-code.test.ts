import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VET_ASSIST } from '@permitry/testkit'
import {
  assertError,
  basicHeader,
  claimsOf,
  codeFor,
  conformanceStack,
  encode,
  type Parameters,
  postForm,
  refresh,
  tokensFor,
} from './harness.ts'
import { CALLBACK, KENNEL, SECRET } from './parties.ts'

const server = conformanceStack()

test('AS-1, AS-69: a code becomes tokens for public and confidential clients, in JSON that nobody stores', async () => {
  const { issuer } = server()
  for (const [clientId, changes, basic] of [
    ['exact', {}, undefined],
    ['posting-app', { client_secret: SECRET }, undefined],
    ['other-app', { client_id: undefined }, ['other-app', SECRET]],
  ] as const) {
    const { redeem } = await codeFor('bob', issuer, clientId)
    const { status, headers, body } = await redeem(changes, basic)
    assert.equal(status, 200, JSON.stringify(body))
    assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
    assert.match(headers.get('cache-control') ?? '', /no-store/)
    assert.equal(body['token_type'], 'Bearer')
    assert.equal(typeof body['access_token'], 'string')
    assert.equal(typeof body['expires_in'], 'number')
  }
})

test('AS-69: the token endpoint takes POST with a form, and nothing from the query', async () => {
  const { issuer } = server()
  const { redeem, code } = await codeFor('bob', issuer, 'exact')
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
    const response = await fetch(`${issuer}/token?grant_type=authorization_code&code=${code}&client_id=exact`, {
      method,
    })
    assert.ok([404, 405].includes(response.status), method)
  }
  const bare = await fetch(
    `${issuer}/token?${encode({ grant_type: 'authorization_code', code, client_id: 'exact' }).toString()}`,
    { method: 'POST' },
  )
  assert.ok([400, 401].includes(bare.status))
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body:
        type === 'application/json'
          ? JSON.stringify({ grant_type: 'authorization_code', code, client_id: 'exact' })
          : `grant_type=authorization_code&code=${code}&client_id=exact`,
    })
    assert.equal(response.status, 400, type)
  }
  assert.equal((await redeem()).status, 200)
})

test('AS-69: repeated parameters are refused, unknown and empty ones ignored, and the code stays good', async () => {
  const { issuer } = server()
  const { redeem, code } = await codeFor('bob', issuer, 'exact')
  for (const name of ['grant_type', 'code', 'client_id', 'code_verifier', 'redirect_uri', 'x']) {
    assertError(await redeem({ [name]: [code, code] }), 400, 'invalid_request')
  }
  const { status } = await redeem({ x: 'y', scope: '', client_secret: '' })
  assert.equal(status, 200)
})

test('AS-69: an oversized or unreadable body is refused with an OAuth error', async () => {
  const { issuer } = server()
  for (const [body, statuses] of [
    [`client_id=exact&grant_type=authorization_code&code=${'a'.repeat(100_000)}`, [400, 413]],
    ['client_id=exact&grant_type=%zz', [400]],
    ['client_id=exact&grant_type=%ff', [400]],
    ['', [400, 401]],
  ] as const) {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.ok((statuses as readonly number[]).includes(response.status), String(response.status))
    assert.equal(typeof ((await response.json()) as { error?: string }).error, 'string')
  }
})

test('AS-55, AS-59: password and unknown grants are unsupported, whoever asks', async () => {
  const { issuer } = server()
  for (const grant_type of [
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'toString',
    '__proto__',
    'AUTHORIZATION_CODE',
  ]) {
    const form = {
      grant_type,
      username: 'bob',
      password: 'bob-vet-demo',
      scope: 'pet-profile:read',
      resource: VET_ASSIST,
    }
    assertError(await postForm(`${issuer}/token`, form, ['other-app', SECRET]), 400, 'unsupported_grant_type')
    assertError(await postForm(`${issuer}/token`, { ...form, client_id: 'exact' }), 400, 'unsupported_grant_type')
  }
  assertError(await postForm(`${issuer}/token`, { client_id: 'exact' }), 400, 'invalid_request')
  assertError(
    await postForm(`${issuer}/token`, { client_id: 'exact', grant_type: 'authorization_code' }),
    400,
    'invalid_request',
  )
  assertError(
    await postForm(`${issuer}/token`, {
      client_id: 'without-refresh',
      grant_type: 'refresh_token',
      refresh_token: 'x',
    }),
    400,
    'unauthorized_client',
  )
  assertError(
    await postForm(`${issuer}/token`, { client_id: 'without-code', grant_type: 'authorization_code', code: 'x' }),
    400,
    'unauthorized_client',
  )
})

test('AS-71, AS-58: a confidential client that does not authenticate as registered is invalid_client and 401', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'other-app')
  for (const [changes, basic] of [
    [{}, undefined],
    [{ client_secret: 'wrong' }, undefined],
    [{ client_secret: `${SECRET} ` }, undefined],
    [{ client_secret: SECRET.toUpperCase() }, undefined],
    [{ client_secret: SECRET.slice(0, -1) }, undefined],
    [{ client_id: undefined }, ['other-app', 'wrong']],
    [{ client_id: undefined }, ['other-app', '']],
    [{ client_id: undefined }, ['OTHER-APP', SECRET]],
    [{ client_id: undefined }, ['nobody', SECRET]],
    [{ client_id: undefined }, ['suspended-app', SECRET]],
    [{ client_id: 'nobody' }, undefined],
    [{ client_id: 'suspended-app', client_secret: SECRET }, undefined],
    [{ client_id: undefined }, undefined],
  ] as const) {
    const reply = await redeem(changes, basic)
    assertError(reply, 401, 'invalid_client')
    const challenge = reply.headers.get('www-authenticate')
    // RFC 6749 §5.2: a client that used the header hears its scheme
    assert.equal(challenge !== null && challenge.startsWith('Basic realm='), basic !== undefined)
  }
  assert.equal((await redeem({ client_id: undefined }, ['other-app', SECRET])).status, 200)
})

test('AS-71: unknown clients and wrong secrets are answered alike', async () => {
  const { issuer } = server()
  const attempt = (id: string): ReturnType<typeof postForm> =>
    postForm(`${issuer}/token`, { grant_type: 'authorization_code', code: 'x' }, [id, 'wrong'])
  const [unknown, known] = [await attempt('nobody'), await attempt('other-app')]
  assert.deepEqual([unknown.status, unknown.body], [known.status, known.body])
})

test('AS-68: one method of authentication, never in the URI, and form-encoded in the header', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'other-app')
  assertError(await redeem({ client_secret: SECRET }, ['other-app', SECRET]), 400, 'invalid_request')
  assertError(await redeem({ client_id: 'exact' }, ['other-app', SECRET]), 400, 'invalid_request')
  const inUri = await postForm(
    `${issuer}/token?${encode({ client_id: 'other-app', client_secret: SECRET }).toString()}`,
    { grant_type: 'authorization_code', code: 'x' },
  )
  assertError(inUri, 401, 'invalid_client')
  for (const authorization of [
    `Basic ${Buffer.from(`other-app:${SECRET}`).toString('base64')}`,
    'Basic',
    'Basic !!!',
    `Basic ${Buffer.from('other-app').toString('base64')}`,
    `Basic ${Buffer.from(':').toString('base64')}`,
    `Bearer ${SECRET}`,
    `${basicHeader('other-app', SECRET)}, Basic x`,
  ]) {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization },
      body: encode({ grant_type: 'authorization_code', code: 'x' }),
    })
    assert.equal(response.status, 401, authorization)
  }
  // the id beside the header may be repeated in the body when it is the same
  assert.equal((await redeem({}, ['other-app', SECRET])).status, 200)
})

test('AS-68: a public client that sends a secret, even an empty one, is not taken for another', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'exact')
  assertError(await redeem({ client_secret: SECRET }), 401, 'invalid_client')
  assertError(await redeem({ client_id: undefined }, ['exact', SECRET]), 401, 'invalid_client')
  assertError(await redeem({ client_id: undefined }, ['exact', '']), 401, 'invalid_client')
  assert.equal((await redeem()).status, 200)
})

test('AS-65, AS-71: a code is bound to its client', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'exact')
  assertError(await redeem({ client_id: 'two-servers' }), 400, 'invalid_grant')
  assertError(await redeem({}, ['other-app', SECRET]), 400, 'invalid_request')
  assertError(await redeem({ client_id: undefined }, ['other-app', SECRET]), 400, 'invalid_grant')
  assert.equal((await redeem()).status, 200, 'an attempt by another client spends nothing')
})

test('AS-50, AS-65: a code is bound to its challenge: no verifier, a wrong one or the challenge itself is invalid_grant', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'exact')
  for (const code_verifier of [
    undefined,
    '',
    'a',
    'a'.repeat(43),
    'a'.repeat(129),
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    `${'a'.repeat(42)} `,
  ]) {
    assertError(await redeem({ code_verifier }), 400, 'invalid_grant')
  }
  const confidential = await codeFor('bob', issuer, 'posting-app')
  assertError(await confidential.redeem({ client_secret: SECRET, code_verifier: undefined }), 400, 'invalid_grant')
  assert.equal((await redeem()).status, 200, 'a wrong verifier spends nothing')
})

test('AS-72, AS-65: a redirect_uri at the token endpoint must be that of the request, and may be left out', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'exact')
  for (const redirect_uri of [
    `${CALLBACK}/`,
    'http://localhost:9402/callback',
    'https://evil.example/',
    'HTTPS://app.example.com/callback',
  ]) {
    assertError(await redeem({ redirect_uri }), 400, 'invalid_grant')
  }
  assert.equal((await redeem({ redirect_uri: undefined })).status, 200)
  const loopback = { redirect_uri: 'http://127.0.0.1:5000/callback' }
  const native = await codeFor('bob', issuer, 'vet-assist-dev', loopback)
  assertError(await native.redeem({ redirect_uri: 'http://127.0.0.1:5001/callback' }), 400, 'invalid_grant')
  assert.equal((await native.redeem(loopback)).status, 200)
})

test('AS-65: a code lives one minute', async () => {
  const conformance = server()
  const early = await codeFor('bob', conformance.issuer, 'exact')
  conformance.advance(58)
  assert.equal((await early.redeem()).status, 200)
  const late = await codeFor('bob', conformance.issuer, 'exact')
  conformance.advance(61)
  assertError(await late.redeem(), 400, 'invalid_grant')
})

test('AS-65: a code that nobody issued is invalid_grant', async () => {
  const { issuer } = server()
  const { redeem, code } = await codeFor('bob', issuer, 'exact')
  for (const forged of ['x', `${code}x`, code.slice(0, -1), code.toLowerCase(), '../x', "' or 1=1 --"]) {
    assertError(await redeem({ code: forged }), 400, 'invalid_grant')
  }
  assert.equal((await redeem()).status, 200)
})

test('AS-66: a code used twice is refused and ends the tokens of the first use', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'exact')
  const first = await redeem()
  assert.equal(first.status, 200)
  assertError(await redeem(), 400, 'invalid_grant')
  assertError(await refresh(issuer, 'exact', String(first.body['refresh_token'])), 400, 'invalid_grant')
})

test('AS-66: a second use that fails a check ends nothing, and a replay ends its own family only', async () => {
  const { issuer } = server()
  const other = await tokensFor('bob', issuer, 'exact')
  const { redeem } = await codeFor('bob', issuer, 'exact')
  const first = await redeem()
  for (const changes of [
    { client_id: 'two-servers' },
    { code_verifier: 'a'.repeat(43) },
    { redirect_uri: 'https://evil.example/' },
  ] as Parameters[]) {
    assertError(await redeem(changes), 400, 'invalid_grant')
  }
  const refreshed = await refresh(issuer, 'exact', String(first.body['refresh_token']))
  assert.equal(refreshed.status, 200, 'who only saw the code in a log cannot end the family')
  assertError(await redeem(), 400, 'invalid_grant')
  assert.equal((await refresh(issuer, 'exact', other.refreshToken)).status, 200)
})

test('AS-66: a code that is used twice late is still known', async () => {
  const conformance = server()
  const { redeem } = await codeFor('bob', conformance.issuer, 'exact')
  const first = await redeem()
  conformance.advance(3600)
  assertError(await redeem(), 400, 'invalid_grant')
  assertError(await refresh(conformance.issuer, 'exact', String(first.body['refresh_token'])), 400, 'invalid_grant')
})

test('AS-92, AS-93: the resource of a token request is the granted one, in any spelling of it, or left out', async () => {
  const { issuer, stack } = server()
  const { redeem } = await codeFor('bob', issuer, 'two-servers')
  for (const resource of [
    KENNEL,
    'mcp://unknown',
    'vetassist',
    'mcp://vetassist#a',
    'mcp://vetassist/other',
    [VET_ASSIST, KENNEL],
    [KENNEL, VET_ASSIST],
  ]) {
    assertError(await redeem({ resource }), 400, 'invalid_target')
  }
  const { status, body } = await redeem({ resource: 'MCP://VETASSIST/' })
  assert.equal(status, 200)
  assert.equal(claimsOf(String(body['access_token']))['aud'], VET_ASSIST)
  const byUrl = await codeFor('bob', issuer, 'two-servers', { resource: stack.mcpUrl })
  assert.equal(
    claimsOf(String((await byUrl.redeem({ resource: undefined })).body['access_token']))['aud'],
    stack.mcpUrl,
  )
})

test('AS-94, AS-30: a token is for one MCP server and carries the scopes of that server only', async () => {
  const { issuer } = server()
  const kennel = await tokensFor('bob', issuer, 'two-servers', { resource: KENNEL, scope: 'kennel:read kennel:book' })
  const { aud, scope } = claimsOf(kennel.accessToken)
  assert.deepEqual([aud, scope], [KENNEL, 'kennel:read kennel:book'])
  const vet = await tokensFor('bob', issuer, 'two-servers')
  assert.deepEqual(
    [claimsOf(vet.accessToken)['aud'], claimsOf(vet.accessToken)['scope']],
    [VET_ASSIST, 'pet-profile:read'],
  )
})

test('AS-95: without resource the token is for the one server that follows, never for any', async () => {
  const { issuer } = server()
  const byScope = await tokensFor('bob', issuer, 'two-servers', { resource: undefined, scope: 'kennel:read' })
  assert.equal(claimsOf(byScope.accessToken)['aud'], KENNEL)
  const byClient = await tokensFor('bob', issuer, 'exact', { resource: undefined, scope: undefined })
  assert.equal(claimsOf(byClient.accessToken)['aud'], VET_ASSIST)
})

test('AS-23, AS-58: what a person loses between consent and redemption is not in the token', async () => {
  const { issuer, stack } = server()
  const { redeem } = await codeFor('dana', issuer, 'exact', { scope: 'pet-profile:read appointments:write' })
  const withoutWrite = stack.store.unit((db) =>
    db.deleteFrom('role_scopes').where('role_id', '=', 'vet-staff').where('scope', '=', 'appointments:write').execute(),
  )
  await withoutWrite
  const { body } = await redeem()
  assert.equal(body['scope'], 'pet-profile:read')
  await stack.store.unit((db) =>
    db
      .insertInto('role_scopes')
      .values({ tenant: 'default', role_id: 'vet-staff', server_id: 'vetassist', scope: 'appointments:write' })
      .execute(),
  )
})
