// Fifty at once (RFC 9700 §4.5, §4.14). One code and one refresh token among fifty are in tests/story/single-use.test.ts;
// fifty guesses of a password in tests/login/throttle.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runCommand, withdrawGrant } from '@permitry/server'
import { authorizationUrl, Browser, requestToken, signIn, startStack, type Stack } from '@permitry/testkit'
import { CALLBACK, codeForm, post, READ, refresh, type Tokens, tokensOf } from './world.ts'

let stack: Stack
const bobs = new Browser()
before(async () => (stack = await startStack()))
after(() => stack.close())

const fifty = <T>(work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, index) => work(index)))

const asked = () => ({ resource: stack.mcpUrl, browser: bobs })
const revoke = (token: string) => post(`${stack.issuer}/revoke`, { client_id: 'vet-assist-dev', token })

test('a consent page that is sent fifty times at once gives one code', async () => {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl, scope: READ }
  let page = await bobs.open((await authorizationUrl(stack.issuer, request)).url)
  page = await signIn(bobs, page, 'bob')
  const form = Object.fromEntries((page.forms[0]?.fields ?? []).map(({ name, value }) => [name, value]))
  const headers = { cookie: bobs.cookies(stack.issuer), origin: stack.issuer }
  const answers = await fifty(() =>
    post(`${stack.issuer}/consent`, { ...form, decision: 'allow', scope: READ }, headers),
  )
  const codes = answers.flatMap(({ text }) => /[?;]code=([\w-]+)/.exec(text)?.[1] ?? [])
  assert.equal(new Set(codes).size, 1)
  assert.equal(codes.length, 1)
  assert.equal((await stack.store.read((db) => db.selectFrom('codes').select('hash').execute())).length, 1)
})

test('allow and deny at the same moment: one of them counts, and never both', async () => {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl, scope: READ }
  const page = await bobs.open((await authorizationUrl(stack.issuer, request)).url)
  const form = Object.fromEntries((page.forms[0]?.fields ?? []).map(({ name, value }) => [name, value]))
  const headers = { cookie: bobs.cookies(stack.issuer), origin: stack.issuer }
  const answers = await fifty((index) =>
    post(`${stack.issuer}/consent`, { ...form, decision: index % 2 ? 'allow' : 'deny', scope: READ }, headers),
  )
  const told = answers.filter(({ text }) => /http-equiv="refresh"/.test(text))
  assert.equal(told.length, 1)
  // Whoever comes late may be shown the way back once more, and it is the same way.
  const ways = answers.flatMap(({ text }) => /callback\?(code|error)=/.exec(text)?.[1] ?? [])
  assert.equal(new Set(ways).size, 1)
})

test('refreshes that race with a revocation: after it is told, none of their tokens refreshes again', async () => {
  const { refresh: token } = await tokensOf(stack.issuer, 'bob', asked())
  const racing = fifty(() => refresh(stack.issuer, token))
  const [answers] = await Promise.all([racing, revoke(token)])
  const successors = new Set(
    answers.flatMap(({ body }) => {
      const token = body['refresh_token']
      return typeof token === 'string' ? [token] : []
    }),
  )
  for (const one of [token, ...successors])
    assert.equal((await refresh(stack.issuer, one)).body['error'], 'invalid_grant')
})

test('refreshes that race with the end of the consent leave nothing that lives', async () => {
  const { refresh: token } = await tokensOf(stack.issuer, 'bob', asked())
  const [grant] = await stack.store.read((db) =>
    db
      .selectFrom('grants')
      .select('id')
      .where('ended_at', 'is', null)
      .where('client_id', '=', 'vet-assist-dev')
      .execute(),
  )
  const operator = { store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now } as const
  const [answers, ended] = await Promise.all([
    fifty(() => refresh(stack.issuer, token)),
    runCommand(operator, withdrawGrant, { id: grant?.id ?? '' }),
  ])
  assert.equal(ended.ok, true)
  for (const { body } of answers) {
    const successor = body['refresh_token']
    const answer = await refresh(stack.issuer, typeof successor === 'string' ? successor : token)
    assert.equal(answer.body['error'], 'invalid_grant')
  }
})

test('of fifty clients that each hold a token of their own none gets one of another, though all refresh at once', async () => {
  const owners: Tokens[] = []
  for (let index = 0; index < 10; index++) owners.push(await tokensOf(stack.issuer, 'bob', asked()))
  const answers = await fifty(async (index) => ({
    index: index % 10,
    ...(await refresh(stack.issuer, owners[index % 10]?.refresh ?? '')),
  }))
  const families = (jwt: string): unknown =>
    (JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { fam: unknown }).fam
  for (const { index, status, body } of answers) {
    assert.equal(status, 200)
    assert.equal(families(String(body['access_token'])), families(owners[index]?.access ?? ''))
  }
  assert.equal(new Set(answers.map(({ body }) => body['refresh_token'])).size, 10)
})

test('a code and its replay at once: whoever wins, the tokens of a replayed code are dead', async () => {
  const form = await codeForm(stack.issuer, 'bob', asked())
  const answers = await fifty((index) =>
    requestToken(stack.issuer, index % 2 ? form : { ...form, code_verifier: 'A'.repeat(43) }),
  )
  const won = answers.filter(({ status }) => status === 200)
  assert.equal(won.length, 1)
  assert.equal((await refresh(stack.issuer, String(won[0]?.body['refresh_token']))).body['error'], 'invalid_grant')
})
