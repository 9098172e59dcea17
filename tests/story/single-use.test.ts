import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorize, requestToken, startStack, type Stack } from '@permitry/testkit'

const redirectUri = 'http://127.0.0.1:5555/callback'
let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

async function codeForm(): Promise<Record<string, string>> {
  const request = { clientId: 'vet-assist-dev', redirectUri, resource: stack.mcpUrl, scope: 'pet-profile:read' }
  const { params, verifier } = await authorize(stack.issuer, request, 'bob')
  const code = params.get('code') ?? ''
  return {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
}

async function firstRefreshToken(): Promise<string> {
  return String((await requestToken(stack.issuer, await codeForm())).body['refresh_token'])
}

const refresh = (token: string) =>
  requestToken(stack.issuer, { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: token })

const fifty = Array.from({ length: 50 })

test('of 50 parallel redemptions of one code exactly one succeeds, and the family of the replayed code ends', async () => {
  const form = await codeForm()
  const answers = await Promise.all(fifty.map(() => requestToken(stack.issuer, form)))
  const winners = answers.filter(({ status }) => status === 200)
  assert.equal(winners.length, 1)
  for (const { status, body } of answers) if (status !== 200) assert.equal(body['error'], 'invalid_grant')
  assert.equal((await refresh(String(winners[0]?.body['refresh_token']))).body['error'], 'invalid_grant')
})

test('50 parallel refreshes of one token get one and the same successor, and nobody is signed out', async () => {
  const token = await firstRefreshToken()
  const answers = await Promise.all(fifty.map(() => refresh(token)))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  const successors = new Set(answers.map(({ body }) => body['refresh_token']))
  assert.equal(successors.size, 1)
  assert.equal((await refresh(String([...successors][0]))).status, 200)
})

test('a refresh token that is used again after the retry window ends its family and no other', async () => {
  const [token, other] = [await firstRefreshToken(), await firstRefreshToken()]
  const successor = String((await refresh(token)).body['refresh_token'])
  now += 30_001
  assert.equal((await refresh(token)).body['error'], 'invalid_grant')
  assert.equal((await refresh(successor)).body['error'], 'invalid_grant')
  assert.equal((await refresh(other)).status, 200)
})

test('within the retry window the successor is given only for the same request', async () => {
  const token = await firstRefreshToken()
  const form = { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: token }
  assert.equal((await requestToken(stack.issuer, form)).status, 200)
  const changed = await requestToken(stack.issuer, { ...form, scope: 'pet-profile:read' })
  assert.equal(changed.body['error'], 'invalid_grant')
})

test('a wrong verifier denies and changes nothing: the right one still redeems the code', async () => {
  const form = await codeForm()
  const wrong = await requestToken(stack.issuer, { ...form, code_verifier: 'x'.repeat(43) })
  assert.equal(wrong.body['error'], 'invalid_grant')
  assert.equal((await requestToken(stack.issuer, form)).status, 200)
})

test('a code dies after 60 seconds', async () => {
  const form = await codeForm()
  now += 60_000
  assert.equal((await requestToken(stack.issuer, form)).body['error'], 'invalid_grant')
})

test('revoking a token ends its family and tells it in the next epoch', async () => {
  const token = await firstRefreshToken()
  const revoke = (form: Record<string, string>) =>
    fetch(`${stack.issuer}/revoke`, { method: 'POST', body: new URLSearchParams(form) })
  assert.equal((await revoke({ client_id: 'vet-assist-dev', token: 'prt_nobody-knows' })).status, 200)
  assert.equal((await revoke({ client_id: 'vet-assist-dev', token })).status, 200)
  assert.equal((await refresh(token)).body['error'], 'invalid_grant')
  const [last] = await stack.store.read((db) =>
    db.selectFrom('revocations').selectAll().orderBy('epoch', 'desc').limit(1).execute(),
  )
  assert.ok(last?.family_id?.startsWith('fam_'))
})

test('what expired is forgotten, and a spent refresh token of a living family is still known as a replay', async () => {
  const [living, dead] = [await firstRefreshToken(), await firstRefreshToken()]
  const successor = String((await refresh(living)).body['refresh_token'])
  now += 13 * 86_400_000
  assert.equal((await refresh(successor)).status, 200)
  now += 3 * 86_400_000
  await stack.server.forgetExpired()
  const count = async (table: 'authorization_requests' | 'codes' | 'refresh_tokens') =>
    (await stack.store.read((db) => db.selectFrom(table).selectAll().execute())).length
  assert.deepEqual([await count('authorization_requests'), await count('codes')], [0, 0])
  assert.equal(await count('refresh_tokens'), 3, 'the three of the living family')
  assert.equal((await refresh(dead)).body['error'], 'invalid_grant')
  assert.equal((await refresh(living)).body['error'], 'invalid_grant')
  const [ended] = await stack.store.read((db) => db.selectFrom('families').select('ended_reason').execute())
  assert.equal(ended?.ended_reason, 'refresh token replayed')
})
