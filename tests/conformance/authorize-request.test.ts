import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VET_ASSIST } from '@permitry/testkit'
import { ask, assertAccepted, assertRefused, assertShown, conformanceStack, encode, requestOf } from './harness.ts'
import { ARCHIVE, CALLBACK, KENNEL } from './parties.ts'

const server = conformanceStack()

test('AS-63, AS-27, AS-53: an unknown, missing, repeated or suspended client is shown to the person and never redirected', async () => {
  const { issuer } = server()
  for (const client_id of [
    'nobody',
    undefined,
    '',
    ['two-servers', 'two-servers'],
    ['two-servers', 'nobody'],
    'suspended-app',
    'TWO-SERVERS',
  ]) {
    for (const method of ['GET', 'POST'] as const) {
      await assertShown(await ask(issuer, requestOf('', { client_id }), method), 'app.example.com', String(client_id))
    }
  }
})

test('AS-63, AS-26, AS-28: a redirect_uri that is unregistered, missing among several or repeated is shown and never redirected', async () => {
  const { issuer } = server()
  for (const redirect_uri of [
    undefined,
    '',
    'https://evil.example/callback',
    [CALLBACK, CALLBACK],
    [CALLBACK, 'https://evil.example/callback'],
    'javascript:alert(1)',
    'data:text/html,hello',
    '//evil.example/callback',
    '/callback',
    'callback',
  ]) {
    for (const method of ['GET', 'POST'] as const) {
      await assertShown(
        await ask(issuer, requestOf('exact', { redirect_uri }), method),
        'evil.example',
        String(redirect_uri),
      )
    }
  }
  // with a single registered address too: what was sent twice is not taken from elsewhere
  const twice = requestOf('two-servers', { redirect_uri: [CALLBACK, 'https://evil.example/'] })
  await assertShown(await ask(issuer, twice), 'evil.example')
})

test('AS-63: a request that cannot be read is shown and never redirected', async () => {
  const { issuer } = server()
  const query = encode(requestOf('exact')).toString()
  for (const broken of [`${query}&x=%zz`, `${query}&x=%ff`, `${query}${'&x=1'.repeat(200)}`]) {
    await assertShown(await fetch(`${issuer}/authorize?${broken}`, { redirect: 'manual' }), 'app.example.com')
  }
})

test('AS-26, AS-51, AS-67: a web client is matched by string comparison alone', async () => {
  const { issuer } = server()
  assertAccepted(await ask(issuer, requestOf('exact')), issuer)
  assertAccepted(await ask(issuer, requestOf('exact', { redirect_uri: 'http://localhost:9402/callback' })), issuer)
  for (const redirect_uri of [
    `${CALLBACK}/`,
    `${CALLBACK}?`,
    `${CALLBACK}?a=b`,
    `${CALLBACK}#`,
    `${CALLBACK}#a`,
    `${CALLBACK} `,
    `${CALLBACK}\n`,
    `${CALLBACK}%00`,
    `${CALLBACK}/../callback`,
    'https://app.example.com/Callback',
    'https://app.example.com/%63allback',
    'https://app.example.com//callback',
    'https://app.example.com/x/%2e%2e/callback',
    'https://app.example.com\\callback',
    'https://APP.example.com/callback',
    'HTTPS://app.example.com/callback',
    'https://app.example.com:443/callback',
    'https://app.example.com./callback',
    'https://app.example.com.evil.example/callback',
    'https://app.example.com@evil.example/callback',
    'https://evil.example/https://app.example.com/callback',
    'http://app.example.com/callback',
    'http://localhost:9403/callback',
    'http://localhost/callback',
    'http://127.0.0.1:9402/callback',
    'http://localhost:8080/free-port',
  ]) {
    await assertShown(await ask(issuer, requestOf('exact', { redirect_uri })), 'evil.example', redirect_uri)
  }
})

test('AS-51, AS-67, AS-25, AS-54: a native client may use any port at the loopback address that it registered', async () => {
  const { issuer } = server()
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    for (const port of ['', ':80', ':1024', ':65535']) {
      const redirect_uri = `http://${host}${port}/callback`
      assertAccepted(await ask(issuer, requestOf('vet-assist-dev', { redirect_uri })), issuer)
    }
  }
  assertAccepted(await ask(issuer, requestOf('editor', { redirect_uri: 'cursor://anysphere.cursor/oauth' })), issuer)
  assertAccepted(await ask(issuer, requestOf('editor', { redirect_uri: 'http://127.0.0.1:5000/callback' })), issuer)
})

test('AS-51, AS-26, AS-54: nothing but the port of a loopback redirect is free', async () => {
  const { issuer } = server()
  for (const redirect_uri of [
    'http://127.0.0.1:80@evil.example/callback',
    'http://127.0.0.1:@evil.example/callback',
    'http://localhost@evil.example/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://localhost.evil.example:80/callback',
    'http://localhost.:80/callback',
    'http://evil.example#@127.0.0.1:80/callback',
    'http://evil.example\\@127.0.0.1:80/callback',
    'http://2130706433:80/callback',
    'http://0x7f.1:80/callback',
    'http://127.1:80/callback',
    'http://[::ffff:127.0.0.1]:80/callback',
    'http://[0:0:0:0:0:0:0:1]:80/callback',
    'http://127.0.0.1:0/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:8\t0/callback',
    'http://127.0.0.1:80/callback/',
    'http://127.0.0.1:80/Callback',
    'http://127.0.0.1:80/callback?a=b',
    'http://127.0.0.1:80/callback#a',
    'http://127.0.0.1:80/x/../callback',
    'https://127.0.0.1:80/callback',
    'HTTP://127.0.0.1:80/callback',
  ]) {
    await assertShown(await ask(issuer, requestOf('vet-assist-dev', { redirect_uri })), 'callback', redirect_uri)
  }
  for (const redirect_uri of [
    'http://localhost:5000/callback',
    'cursor://anysphere.cursor:80/oauth',
    'cursor://evil/oauth',
  ]) {
    await assertShown(await ask(issuer, requestOf('editor', { redirect_uri })), 'oauth', redirect_uri)
  }
})

test('AS-7, AS-102, AS-9: an error carries state and the iss of the metadata, byte for byte', async () => {
  const { issuer } = server()
  const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as {
    issuer: string
  }
  assert.equal(metadata.issuer, issuer)
  assertRefused(
    await ask(issuer, requestOf('exact', { response_type: 'token' })),
    metadata.issuer,
    'unsupported_response_type',
  )
  assertRefused(
    await ask(issuer, requestOf('exact', { response_type: 'token', state: undefined })),
    issuer,
    'unsupported_response_type',
    { state: null },
  )
})

test('AS-27: an error keeps the query of the registered redirect URI', async () => {
  const { issuer } = server()
  const redirect_uri = `${CALLBACK}?tenant=a%20b`
  assertRefused(
    await ask(issuer, requestOf('with-query', { redirect_uri, response_type: 'token' })),
    issuer,
    'unsupported_response_type',
    { to: redirect_uri },
  )
})

test('AS-53, AS-28: a client that registered itself gets its errors only after the person signed in', async () => {
  const { issuer } = server()
  const response = await ask(issuer, requestOf('self-registered', { scope: 'unknown' }))
  assert.ok(
    !(response.headers.get('location') ?? '').startsWith(CALLBACK),
    'an open redirector for whoever may register',
  )
})

test('AS-64, AS-50: a request without an S256 challenge is invalid_request', async () => {
  const { issuer } = server()
  for (const changes of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge: undefined },
    { code_challenge: '' },
    { code_challenge_method: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge_method: 's256' },
    { code_challenge: 'short' },
    { code_challenge: `${'a'.repeat(43)}=` },
    { code_challenge: 'a'.repeat(44) },
    { code_challenge: `${'a'.repeat(42)}+` },
    { code_challenge: ['a'.repeat(43), 'a'.repeat(43)] },
  ]) {
    for (const client of ['exact', 'posting-app']) {
      assertRefused(await ask(issuer, requestOf(client, changes)), issuer, 'invalid_request')
    }
  }
})

test('AS-55: no response type but code, and no other way than the query', async () => {
  const { issuer } = server()
  for (const response_type of [
    'token',
    'id_token',
    'id_token token',
    'code token',
    'code id_token',
    'none',
    'password',
    'CODE',
  ]) {
    assertRefused(await ask(issuer, requestOf('exact', { response_type })), issuer, 'unsupported_response_type')
  }
  assertRefused(await ask(issuer, requestOf('exact', { response_type: undefined })), issuer, 'invalid_request')
  for (const response_mode of ['fragment', 'form_post', 'query.jwt', 'jwt']) {
    assertRefused(await ask(issuer, requestOf('exact', { response_mode })), issuer, 'invalid_request')
  }
  assertAccepted(await ask(issuer, requestOf('exact', { response_mode: 'query' })), issuer)
  assertRefused(await ask(issuer, requestOf('without-code')), issuer, 'unauthorized_client')
})

test('AS-69, AS-27: a repeated parameter is an error, and unknown ones are ignored', async () => {
  const { issuer } = server()
  for (const name of ['scope', 'nonce', 'prompt', 'response_type', 'code_challenge_method', 'claims', 'x']) {
    assertRefused(await ask(issuer, requestOf('exact', { [name]: ['a', 'a'] })), issuer, 'invalid_request')
  }
  assertRefused(await ask(issuer, requestOf('exact', { state: ['a', 'b'] })), issuer, 'invalid_request', {
    state: null,
  })
  assertAccepted(
    await ask(issuer, requestOf('exact', { x: 'y', ['__proto__']: 'z', constructor: 'z', display: 'popup' })),
    issuer,
  )
})

test('AS-131, AS-35: request and request_uri are refused by their own codes, and nothing is fetched', async () => {
  const { issuer, stack } = server()
  let fetched = 0
  stack.serveMcp(() => new Response(String((fetched += 1))))
  assertRefused(
    await ask(issuer, requestOf('exact', { request: 'eyJhbGciOiJub25lIn0.e30.' })),
    issuer,
    'request_not_supported',
  )
  for (const request_uri of [stack.mcpUrl, 'urn:ietf:params:oauth:request_uri:x', 'file:///etc/passwd']) {
    assertRefused(await ask(issuer, requestOf('exact', { request_uri })), issuer, 'request_uri_not_supported')
  }
  // neither is a redirect_uri, a resource or a hint that is an address; a client_id is a document (AS-11)
  await ask(issuer, requestOf('exact', { redirect_uri: stack.mcpUrl }))
  await ask(
    issuer,
    requestOf('exact', { resource: stack.mcpUrl, id_token_hint: stack.mcpUrl, login_hint: stack.mcpUrl }),
  )
  assert.equal(fetched, 0)
})

test('AS-90, AS-91: a resource that is malformed, unknown or not for this client is invalid_target', async () => {
  const { issuer } = server()
  for (const resource of [
    'vetassist',
    '/mcp',
    'mcp://vetassist#a',
    'mcp://vetassist#',
    'mcp://user@vetassist',
    'mcp://vetassist/x/..',
    'mcp://vetassist/other',
    'mcp://unknown',
    'https://kennel.example.com/mcp/',
    'https://kennel.example.com/MCP',
    'http://kennel.example.com/mcp',
    ARCHIVE,
    KENNEL,
  ]) {
    const refused = requestOf(resource.startsWith('http') && resource !== KENNEL ? 'two-servers' : 'exact', {
      resource,
    })
    assertRefused(await ask(issuer, refused), issuer, 'invalid_target')
  }
})

test('AS-91, AS-94: several resources are refused, a foreign one among them too, and one in two spellings is one', async () => {
  const { issuer } = server()
  for (const resource of [
    [VET_ASSIST, KENNEL],
    [VET_ASSIST, 'mcp://unknown'],
    [KENNEL, VET_ASSIST],
  ]) {
    assertRefused(await ask(issuer, requestOf('two-servers', { resource, scope: undefined })), issuer, 'invalid_target')
  }
  const once = requestOf('two-servers', { resource: [VET_ASSIST, 'MCP://VetAssist/'], scope: undefined })
  assertAccepted(await ask(issuer, once), issuer)
})

test('AS-30, AS-31: every client may send resource, in any letter case of scheme and host and with the slash of an origin', async () => {
  const { issuer, stack } = server()
  for (const resource of [
    VET_ASSIST,
    'MCP://VetAssist',
    'mcp://vetassist/',
    stack.mcpUrl,
    stack.mcpUrl.replace('http:', 'HTTP:'),
  ]) {
    for (const client of ['exact', 'posting-app'])
      assertAccepted(await ask(issuer, requestOf(client, { resource })), issuer)
  }
})

test('AS-95: without resource one server follows from the scopes or the client, else the request is invalid_target', async () => {
  const { issuer } = server()
  const resource = undefined
  assertAccepted(await ask(issuer, requestOf('exact', { resource })), issuer)
  assertAccepted(await ask(issuer, requestOf('exact', { resource, scope: undefined })), issuer)
  assertAccepted(await ask(issuer, requestOf('two-servers', { resource, scope: 'kennel:book' })), issuer)
  assertRefused(await ask(issuer, requestOf('two-servers', { resource, scope: undefined })), issuer, 'invalid_target')
  assertRefused(
    await ask(issuer, requestOf('two-servers', { resource, scope: 'kennel:read pet-profile:read' })),
    issuer,
    'invalid_target',
  )
})

test('AS-33: a scope that is unknown or malformed is invalid_scope', async () => {
  const { issuer } = server()
  for (const scope of [
    'unknown',
    'pet-profile:read unknown',
    'kennel:read',
    'PET-PROFILE:READ',
    'a"b',
    'a\\b',
    'pet-profile:read\tx',
    'é',
  ]) {
    assertRefused(await ask(issuer, requestOf('exact', { scope })), issuer, 'invalid_scope')
  }
})

test('AS-127, AS-70: GET and POST are one, and no other method is', async () => {
  const { issuer } = server()
  for (const method of ['GET', 'POST'] as const) {
    assertAccepted(await ask(issuer, requestOf('exact'), method), issuer)
    assertRefused(
      await ask(issuer, requestOf('exact', { response_type: 'token' }), method),
      issuer,
      'unsupported_response_type',
    )
  }
  const query = encode(requestOf('exact'))
  // parameters of a POST come from its body: a query that rides along counts for nothing
  const posted = await fetch(`${issuer}/authorize?${query.toString()}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'exact' }),
    redirect: 'manual',
  })
  await assertShown(posted, 'app.example.com')
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const response = await fetch(`${issuer}/authorize?${query.toString()}`, { method, redirect: 'manual' })
    assert.ok([404, 405].includes(response.status), method)
  }
  const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as {
    authorization_endpoint: string
  }
  assert.ok(!metadata.authorization_endpoint.includes('#'))
})

test('AS-127: prompt=none stands alone, and prompts and max_age have values that exist', async () => {
  const { issuer } = server()
  for (const prompt of ['none login', 'none consent', 'create', 'login nonsense', 'NONE']) {
    assertRefused(await ask(issuer, requestOf('exact', { prompt })), issuer, 'invalid_request')
  }
  for (const prompt of ['login', 'consent', 'select_account', 'login consent']) {
    assertAccepted(await ask(issuer, requestOf('exact', { prompt })), issuer)
  }
  for (const max_age of ['-1', 'a', '1.5', '1e3', ' 1', '0x10', '99999999999999999999']) {
    assertRefused(await ask(issuer, requestOf('exact', { max_age })), issuer, 'invalid_request')
  }
  assertAccepted(await ask(issuer, requestOf('exact', { max_age: '0' })), issuer)
})

test('AS-125: acr_values that nobody here can meet are unmet_authentication_requirements', async () => {
  const { issuer } = server()
  const { acr_values_supported: supported } = (await (
    await fetch(`${issuer}/.well-known/openid-configuration`)
  ).json()) as {
    acr_values_supported: string[]
  }
  assert.ok(supported.length > 0)
  assertRefused(
    await ask(issuer, requestOf('exact', { acr_values: 'urn:example:unknown' })),
    issuer,
    'unmet_authentication_requirements',
  )
  for (const acr_values of [...supported, `urn:example:unknown ${supported.join(' ')}`]) {
    assertAccepted(await ask(issuer, requestOf('exact', { acr_values })), issuer)
  }
})

test('AS-128: display, locale and unknown claims parameters never cause an error', async () => {
  const { issuer } = server()
  for (const changes of [
    { display: 'page' },
    { display: 'nonsense' },
    { ui_locales: 'fr-CA fr en' },
    { ui_locales: '???' },
    { claims_locales: 'de' },
    { login_hint: 'bob' },
    { login_hint: '"><script>' },
  ]) {
    assertAccepted(await ask(issuer, requestOf('exact', changes)), issuer)
  }
})

test('AS-61: the authorization endpoint, login and consent have no CORS', async () => {
  const { issuer } = server()
  const origin = 'https://evil.example'
  for (const path of ['authorize', 'login', 'consent']) {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const response = await fetch(`${issuer}/${path}?${encode(requestOf('exact')).toString()}`, {
        method,
        redirect: 'manual',
        headers: { origin, 'access-control-request-method': 'GET' },
      })
      for (const name of response.headers.keys())
        assert.ok(!name.startsWith('access-control-'), `${method} ${path}: ${name}`)
    }
  }
})
