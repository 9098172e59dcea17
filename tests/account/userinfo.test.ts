import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { requestToken, startStack, type Stack } from '@permitry/testkit'
import { tokensOf } from './openid.ts'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

interface Reply {
  readonly status: number
  readonly challenge: string
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

async function ask(headers: Record<string, string>, { method = 'GET', query = '' } = {}): Promise<Reply> {
  const response = await fetch(`${stack.issuer}/userinfo${query}`, { method, headers })
  const text = await response.text()
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    headers: response.headers,
  }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

function assertRefused(reply: Reply, status: number, error: string): void {
  assert.deepEqual([reply.status, reply.body['error'], reply.body['sub']], [status, error, undefined])
  assert.match(reply.challenge, new RegExp(`^Bearer error="${error}"`))
}

/** Runs `work` while a row is changed, and changes it back. */
async function whileSuspended(table: 'subjects' | 'clients', id: string, work: () => Promise<void>): Promise<void> {
  const set = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable(table).set({ status }).where('id', '=', id).execute())
  await set('suspended')
  try {
    await work()
  } finally {
    await set('active')
  }
}

test('a client learns by GET or POST who the person is, as far as the person allowed', async () => {
  const plain = await tokensOf(stack, 'bob')
  const rich = await tokensOf(stack, 'bob', { scope: 'openid profile email' })
  for (const method of ['GET', 'POST']) {
    assert.deepEqual((await ask(bearer(plain.access), { method })).body, { sub: 'usr_bob' })
    assert.deepEqual((await ask(bearer(rich.access), { method })).body, {
      sub: 'usr_bob',
      name: 'Bob Fletcher',
      preferred_username: 'bob',
      email: 'bob@example.com',
      email_verified: false,
    })
  }
  const reply = await ask({ authorization: `bearer ${plain.access}` })
  assert.deepEqual([reply.status, reply.headers.get('cache-control')], [200, 'no-store'])
})

test('a token comes in the header and nowhere else', async () => {
  const { access } = await tokensOf(stack, 'bob')
  assertRefused(await ask({}, { query: `?access_token=${access}` }), 400, 'invalid_request')
  assertRefused(await ask(bearer(access), { query: `?access_token=${access}` }), 400, 'invalid_request')
  const form = await fetch(`${stack.issuer}/userinfo`, {
    method: 'POST',
    body: new URLSearchParams({ access_token: access }),
  })
  assert.equal(form.status, 401)
})

test('who sends no token is told the schemes and no error', async () => {
  for (const headers of [{}, { authorization: 'Basic Ym9iOmJvYg==' }, { authorization: 'Bearerx' }]) {
    const reply = await ask(headers as Record<string, string>)
    assert.deepEqual([reply.status, reply.body], [401, {}])
    assert.match(reply.challenge, /^Bearer, DPoP algs="[A-Za-z0-9 ]+"$/)
  }
})

test('a token that is not an access token of ours for the issuer is refused', async () => {
  const { id, refresh, access } = await tokensOf(stack, 'bob')
  const forMcp = await tokensOf(stack, 'bob', { scope: 'openid pet-profile:read', resource: stack.mcpUrl })
  const [header = '', payload = '', signature = ''] = access.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const forged = {
    nothing: '',
    garbage: 'garbage',
    'an ID token': id,
    'a refresh token': refresh,
    'a token for an MCP server': forMcp.access,
    'another person': `${header}.${encode({ ...claims, sub: 'usr_dana' })}.${signature}`,
    'no signature': `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
    'a cut signature': access.slice(0, -4),
    'white space': access.replace('.', '. '),
    'two tokens': `${access}, ${access}`,
  }
  for (const [what, token] of Object.entries(forged)) {
    const reply = await ask(bearer(token))
    assert.deepEqual([what, reply.status, reply.body['error']], [what, 401, 'invalid_token'])
  }
})

test('a token without openid is not enough, and the challenge names the scope', async () => {
  const { access } = await tokensOf(stack, 'bob', { scope: 'profile', resource: stack.issuer })
  const reply = await ask(bearer(access))
  assertRefused(reply, 403, 'insufficient_scope')
  assert.match(reply.challenge, /scope="openid"/)
})

test('a token is over when it expires', async () => {
  const { access } = await tokensOf(stack, 'bob')
  now += 299_000
  assert.equal((await ask(bearer(access))).status, 200)
  now += 2_000
  assertRefused(await ask(bearer(access)), 401, 'invalid_token')
})

test('a token opens nothing from the moment that its family is revoked, or its grant withdrawn', async () => {
  const { access, refresh } = await tokensOf(stack, 'bob')
  await fetch(`${stack.issuer}/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'vet-assist-dev', token: refresh }),
  })
  assertRefused(await ask(bearer(access)), 401, 'invalid_token')

  const carols = await tokensOf(stack, 'carol')
  const withdraw = { ended_at: now }
  await stack.store.unit((db) => db.updateTable('grants').set(withdraw).where('subject_id', '=', 'usr_carol').execute())
  assertRefused(await ask(bearer(carols.access)), 401, 'invalid_token')
})

test('a token opens nothing while the person or the client is suspended', async () => {
  const { access } = await tokensOf(stack, 'bob')
  for (const [table, id] of [
    ['subjects', 'usr_bob'],
    ['clients', 'vet-assist-dev'],
  ] as const) {
    await whileSuspended(table, id, async () => assertRefused(await ask(bearer(access)), 401, 'invalid_token'))
    assert.equal((await ask(bearer(access))).status, 200)
  }
})

test('what the person took back of a grant is not told any more, though the token still names it', async () => {
  const { access } = await tokensOf(stack, 'dana', { scope: 'openid email' })
  await stack.store.unit((db) =>
    db.updateTable('grants').set({ identity_scopes: '["openid"]' }).where('subject_id', '=', 'usr_dana').execute(),
  )
  assert.deepEqual((await ask(bearer(access))).body, { sub: 'usr_dana' })
})

test('scripts of any origin may read the answer and the challenge', async () => {
  const origin = 'https://app.example'
  const preflight = await fetch(`${stack.issuer}/userinfo`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  })
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/i)
  const { headers } = await ask({ origin })
  assert.match(headers.get('access-control-expose-headers') ?? '', /WWW-Authenticate/i)
  assert.equal(headers.get('access-control-allow-credentials'), null)
})

test('metadata names the endpoint, and a refreshed token opens it too', async () => {
  const metadata = (await (await fetch(`${stack.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >
  assert.equal(metadata['userinfo_endpoint'], `${stack.issuer}/userinfo`)
  const { refresh } = await tokensOf(stack, 'bob')
  const form = { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: refresh }
  const { body } = await requestToken(stack.issuer, form)
  assert.equal((await ask(bearer(String(body['access_token'])))).body['sub'], 'usr_bob')
})
