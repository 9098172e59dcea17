// What clients and MCP servers see while signing keys are replaced and taken back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guard } from '@permitry/guard'
import { envelopeKey, revokeSigningKey, rotateKeys } from '@permitry/server'
import { requestToken, startStack, type Stack } from '@permitry/testkit'
import { decodeProtectedHeader } from 'jose'
import { CALLBACK, type Tokens, tokensOf } from '../account/openid.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now, rotateKeysDays: 90 })))
after(() => stack.close())

// As the CLI works beside a running server: on the same database, with the same master key.
const operator = () => ({
  store: stack.store,
  tenant: 'default',
  actor: { kind: 'cli', id: 'test' } as const,
  now: () => now,
})
const envelope = envelopeKey(new Uint8Array(32).fill(7))
const rotate = () => rotateKeys(operator(), envelope, 0)
const revoke = async (kid: string) => assert.ok((await revokeSigningKey(operator(), envelope, kid)).ok)

const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? ''

async function published(): Promise<string[]> {
  const response = await fetch(`${stack.issuer}/jwks`)
  assert.equal(response.headers.get('cache-control'), 'public, max-age=600')
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
}

const refresh = async (refreshToken: string): Promise<Tokens> => {
  const form = { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: refreshToken }
  const { status, body } = await requestToken(stack.issuer, form)
  assert.equal(status, 200)
  return { access: String(body['access_token']), id: String(body['id_token']), refresh: String(body['refresh_token']) }
}

/** Tokens of Bob for the MCP server, and who he is. */
const ofBob = () => tokensOf(stack, 'bob', { scope: 'openid pet-profile:read', resource: stack.mcpUrl })

/** The error that an ID token gets as a hint in an authorization request; null when it is taken. */
async function hint(id: string): Promise<string | null> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'vet-assist-dev',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    id_token_hint: id,
  })
  const { headers } = await fetch(`${stack.issuer}/authorize?${query.toString()}`, { redirect: 'manual' })
  return new URL(headers.get('location') ?? '').searchParams.get('error')
}

/** A guard whose clock is that of the server; says how it answers a call with a token. */
function guarded(): (token: string) => Promise<number> {
  const serve = guard({
    issuer: stack.issuer,
    resource: stack.mcpUrl,
    names: ['mcp://vetassist'],
    defaultScopes: [],
    tools: { hours: [] },
    clock: () => now,
  })(async () => Response.json({ jsonrpc: '2.0', id: 1, result: { content: [] } }))
  return async (token) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      authorization: `Bearer ${token}`,
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'hours' } })
    return (await serve(new Request(stack.mcpUrl, { method: 'POST', headers, body }))).status
  }
}

test('the next key is published before it signs, and the one before until its last token has expired', async () => {
  const old = await ofBob()
  const [access, id] = [kidOf(old.access), kidOf(old.id)]
  now += 90 * DAY - 60 * MINUTE
  await stack.server.rotateKeys()
  const both = await published()
  assert.equal(both.length, 8)
  const before = await ofBob()
  assert.deepEqual([kidOf(before.access), kidOf(before.id)], [access, id], 'published, but not signing yet')

  now += 60 * MINUTE
  const after = await ofBob()
  for (const token of [after.access, after.id]) {
    assert.ok(both.includes(kidOf(token)))
    assert.ok(![access, id].includes(kidOf(token)))
  }
  now += 69 * MINUTE
  assert.deepEqual(await published(), both)
  now += MINUTE
  const young = await published()
  assert.equal(young.length, 4)
  assert.ok(![access, id].some((kid) => young.includes(kid)))
})

test('an ID token is a hint for as long as its family may live, also when its key is not published any more', async () => {
  const { id } = await ofBob()
  await rotate()
  now += 3 * DAY
  assert.ok(!(await published()).includes(kidOf(id)))
  await stack.server.forgetExpired()
  assert.equal(await hint(id), null)
  now += 88 * DAY
  await stack.server.forgetExpired()
  assert.equal(await hint(id), 'invalid_request')
})

test('a guard sees a rotation without refusing a single call', async () => {
  const call = guarded()
  let tokens = await ofBob()
  assert.equal(await call(tokens.access), 200)
  const signers = new Set<string>()
  for (let minute = 0; minute < 150; minute += 2) {
    const rotating = minute === 10 ? rotate() : undefined
    const previous = tokens
    const [statuses, renewed] = await Promise.all([
      Promise.all([call(previous.access), call(previous.access)]),
      refresh(previous.refresh),
    ])
    tokens = renewed
    assert.deepEqual([...statuses, await call(tokens.access), await call(previous.access)], [200, 200, 200, 200])
    signers.add(kidOf(tokens.access))
    await rotating
    now += 2 * MINUTE
  }
  assert.equal(signers.size, 2)
})

test('what a revoked key signed is refused at once by our own endpoints, and the next token is good again', async () => {
  const bob = await tokensOf(stack, 'bob', { scope: 'openid' })
  const userinfo = async (token: string) =>
    (await fetch(`${stack.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status
  assert.deepEqual([await userinfo(bob.access), await hint(bob.id)], [200, null])

  await revoke(kidOf(bob.access))
  assert.equal(await userinfo(bob.access), 401)
  assert.equal(await hint(bob.id), null, 'another key signed it')
  await revoke(kidOf(bob.id))
  assert.equal(await hint(bob.id), 'invalid_request')
  const keys = await published()
  assert.ok(!keys.includes(kidOf(bob.access)) && !keys.includes(kidOf(bob.id)))

  const next = await refresh(bob.refresh)
  assert.ok(keys.includes(kidOf(next.access)) && keys.includes(kidOf(next.id)))
  assert.deepEqual([await userinfo(next.access), await hint(next.id)], [200, null])
})

test('a guard refuses what a revoked key signed as soon as a token of the new key arrives, and after ten minutes anyway', async () => {
  // Without refresh tokens an access token lives long enough to see it.
  const grant_types = '["authorization_code"]'
  await stack.store.unit((db) =>
    db.updateTable('clients').set({ grant_types }).where('id', '=', 'vet-assist-dev').execute(),
  )
  const [busy, idle] = [guarded(), guarded()]
  const stolen = await ofBob()
  assert.deepEqual([await busy(stolen.access), await idle(stolen.access)], [200, 200])
  now += 31_000
  await revoke(kidOf(stolen.access))
  const next = await ofBob()
  assert.equal(await busy(next.access), 200)
  assert.equal(await busy(stolen.access), 401)
  // The idle one has seen nothing new: it asks for the keys again when those that it has are ten minutes old.
  now += 9 * MINUTE
  assert.equal(await idle(stolen.access), 200)
  now += MINUTE
  assert.deepEqual([await idle(stolen.access), await idle(next.access)], [401, 200])
})
