// Logging in through an app: the way to the authorization server and back, and what must not come through it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AppClient, AuthorizationAsked, ObservedMessage, Outcome } from '@permitry/client'
import { appSecret } from '@permitry/testkit'
import { type Clinic, consent, startClinic } from './clinic.ts'

let clinic: Clinic
before(async () => void (clinic = await startClinic()))
after(() => clinic.close())

const bob = () => ({ user: 'usr_1', server: clinic.stack.mcpUrl, browser: 'the-browser-of-bob' })

function asked(outcome: Outcome<unknown>): AuthorizationAsked {
  assert.equal(outcome.status, 'authorize', JSON.stringify(outcome))
  return outcome
}

async function logIn(client: AppClient, request = bob()): Promise<void> {
  const { url } = asked(await client.connect(request))
  const finished = await client.finish(await consent(url, 'bob'), request.browser)
  assert.equal(finished.status, 'authorized', JSON.stringify(finished))
}

test('after the login a connection calls tools, and says what its tokens allow', async () => {
  const client = clinic.app()
  await logIn(client)
  const opened = await client.connect(bob())
  assert.equal(opened.status, 'done')
  const pets = await opened.result.callTool({ name: 'list_pets' })
  assert.match(JSON.stringify(pets), /Fido/)
  const { scopes, withheld } = (await opened.result.authorization()) ?? {}
  assert.deepEqual({ scopes, withheld }, { scopes: ['pet-profile:read'], withheld: [] })
  await opened.result.close()
})

test('a response that reaches another browser is not taken, and spends nothing', async () => {
  const client = clinic.app()
  const { url } = asked(await client.connect(bob()))
  const callback = await consent(url, 'bob')
  const stolen = await client.finish(callback, 'the-browser-of-mallory')
  assert.deepEqual([stolen.status, stolen.user], ['not_authorized', undefined])
  assert.equal((await client.finish(callback, bob().browser)).status, 'authorized')
})

test('a response is taken once, also when it comes twice at the same moment', async () => {
  const client = clinic.app()
  const { url } = asked(await client.connect(bob()))
  const callback = await consent(url, 'bob')
  const finished = await Promise.all([1, 2, 3].map(() => client.finish(callback, bob().browser)))
  assert.deepEqual(finished.map(({ status }) => status).toSorted(), ['authorized', 'not_authorized', 'not_authorized'])
})

test('a person who says no is not logged in, and the app is told so', async () => {
  const client = clinic.app()
  const { url } = asked(await client.connect({ ...bob(), context: 'conversation-1' }))
  const finished = await client.finish(await consent(url, 'carol', 'deny'), bob().browser)
  assert.deepEqual(finished, {
    status: 'not_authorized',
    reason: 'access_denied',
    user: 'usr_1',
    server: clinic.stack.mcpUrl,
    context: 'conversation-1',
  })
  asked(await client.connect(bob()))
})

for (const [what, change, reason] of [
  ['of another issuer', (p: URLSearchParams) => p.set('iss', 'https://evil.example'), 'issuer_mismatch'],
  ['without the issuer that was promised', (p: URLSearchParams) => p.delete('iss'), 'issuer_mismatch'],
  [
    'with an error of another issuer',
    (p: URLSearchParams) => {
      p.delete('code')
      p.set('error', 'access_denied')
      p.set('iss', 'https://evil.example')
    },
    'issuer_mismatch',
  ],
  ['with a code that was made up', (p: URLSearchParams) => p.set('code', 'made-up'), 'code_refused'],
  ['with an unknown state', (p: URLSearchParams) => p.set('state', 'made-up'), 'unknown_state'],
  ['without a state', (p: URLSearchParams) => p.delete('state'), 'malformed'],
  ['with two codes', (p: URLSearchParams) => p.append('code', 'second'), 'malformed'],
  ['without a code', (p: URLSearchParams) => p.delete('code'), 'malformed'],
] as const) {
  test(`a response ${what} is not taken`, async () => {
    const client = clinic.app()
    const { url } = asked(await client.connect(bob()))
    const params = new URL(await consent(url, 'bob')).searchParams
    change(params)
    const finished = await client.finish(params, bob().browser)
    assert.deepEqual([finished.status, 'reason' in finished && finished.reason], ['not_authorized', reason])
    asked(await client.connect(bob()))
  })
}

test('the app says who must log in: Bob can, and Carol at the same browser cannot', async () => {
  const client = clinic.app()
  for (const [person, expected] of [
    ['carol', 'not_authorized'],
    ['bob', 'authorized'],
  ] as const) {
    const { url } = asked(await client.connect({ ...bob(), subject: 'usr_bob' }))
    assert.equal((await client.finish(await consent(url, person), bob().browser)).status, expected)
  }
  const answer = await client.callTool({ ...bob(), subject: 'usr_bob' }, { name: 'list_pets' })
  assert.match(JSON.stringify(answer), /Fido/)
})

test('disconnecting revokes the tokens, and another user keeps theirs', async () => {
  const client = clinic.app()
  const other = { ...bob(), user: 'usr_2' }
  await logIn(client)
  await logIn(client, other)
  const before = await countFamilies()
  await client.disconnect('usr_1', clinic.stack.mcpUrl)
  assert.equal(await countFamilies(), before - 1)
  asked(await client.connect(bob()))
  assert.equal((await client.connect(other)).status, 'done')
})

test('an observer sees the whole conversation, and not one secret', async () => {
  const messages: ObservedMessage[] = []
  const client = clinic.app({ onMessage: (message) => void messages.push(message) })
  const request = { ...bob(), context: 'conversation-2' }
  const { url } = asked(await client.connect(request))
  const callback = await consent(url, 'bob')
  await client.finish(callback, request.browser)
  const answer = await client.callTool(request, { name: 'list_pets' })
  assert.equal(answer.status, 'done')

  const lines = messages.map(({ kind, direction, summary }) => `${kind} ${direction} ${summary}`)
  for (const line of [
    'mcp in 401 log in for pet-profile:read',
    'oauth out GET /.well-known/oauth-protected-resource/mcp',
    'oauth out GET /authorize',
    'oauth in browser comes back to /callback',
    'oauth out POST /token authorization_code',
    'oauth in 200 for pet-profile:read',
    'mcp out tools/call list_pets',
    'mcp in 200 result',
  ])
    assert.ok(lines.includes(line), `${line} is not among ${lines.join('\n')}`)
  assert.ok(messages.every(({ context, user }) => context === 'conversation-2' && user === 'usr_1'))
  const text = JSON.stringify(messages)
  const { searchParams } = new URL(callback)
  for (const secret of [searchParams.get('code')!, searchParams.get('state')!, appSecret])
    assert.ok(!text.includes(secret), secret)
  assert.doesNotMatch(text, /eyJ[\w-]+\.[\w-]+/)
})

async function countFamilies(): Promise<number> {
  const rows = await clinic.stack.store.unit((db) =>
    db.selectFrom('families').select('id').where('ended_at', 'is', null).execute(),
  )
  return rows.length
}
