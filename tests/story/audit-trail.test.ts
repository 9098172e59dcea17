import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appSecret, authorize, Browser, requestToken, startStack, type Stack } from '@permitry/testkit'

const redirectUri = 'http://localhost:9402/callback'
let stack: Stack
before(async () => (stack = await startStack()))
after(() => stack.close())

const request = () => ({
  clientId: 'vet-assist-ai',
  redirectUri,
  resource: stack.mcpUrl,
  scope: 'pet-profile:read pet-profile:write',
})

async function trail(): Promise<
  {
    type: string
    actor_kind: string | null
    reason: string | null
    detail: Record<string, unknown>
    subject_id: string | null
  }[]
> {
  const rows = await stack.store.read((db) =>
    db.selectFrom('audit_events').selectAll().orderBy('at').orderBy('seq').execute(),
  )
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }))
}

test('login, consent, mint, refusal and revocation leave their rows, each with who, which client and what', async () => {
  const browser = new Browser()
  const { params, verifier } = await authorize(stack.issuer, request(), 'bob', { browser })
  const form = {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-ai',
    code: params.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
  await requestToken(stack.issuer, form, 'not the secret')
  const token = await requestToken(stack.issuer, form, appSecret)
  await authorize(stack.issuer, { ...request(), extra: { prompt: 'consent' } }, 'bob', { browser, decision: 'deny' })
  const credentials = { client_id: 'vet-assist-ai', client_secret: appSecret }
  await fetch(`${stack.issuer}/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ ...credentials, token: String(token.body['refresh_token']) }),
  })

  const rows = (await trail()).filter(({ actor_kind }) => actor_kind !== 'system')
  const [login, consent, refusal, mint, ...others] = rows
  assert.deepEqual(
    [login, consent, refusal, mint].map((row) => row?.type),
    ['login.succeeded', 'consent.granted', 'token.refused', 'token.minted'],
  )
  assert.deepEqual(
    others.map(({ type }) => type),
    ['consent.refused', 'family.ended', 'token.revoked'],
  )
  assert.deepEqual([login?.subject_id, consent?.subject_id], ['usr_bob', 'usr_bob'])
  assert.deepEqual(consent?.detail['withheld_by_role'], ['pet-profile:write'])
  assert.equal(refusal?.reason, 'client_authentication: wrong_secret')
  assert.deepEqual(mint?.detail['scopes'], ['pet-profile:read'])
})

test('no row carries a code, a token, a verifier or a password', async () => {
  const everything = JSON.stringify(await stack.store.read((db) => db.selectFrom('audit_events').selectAll().execute()))
  assert.doesNotMatch(everything, /prt_|eyJ|bob-vet-demo/)
})
