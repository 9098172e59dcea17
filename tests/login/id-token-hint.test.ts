import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, type Page, signIn, startStack, type Stack } from '@permitry/testkit'
import { CALLBACK, tokensOf } from '../account/openid.ts'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

async function open(browser: Browser, extra: Record<string, string>, clientId = 'vet-assist-dev'): Promise<Page> {
  now += 1000
  const redirectUri = clientId === 'vet-assist-dev' ? CALLBACK : 'http://localhost:9402/callback'
  return browser.open((await authorizationUrl(stack.issuer, { clientId, redirectUri, scope: 'openid', extra })).url)
}

const errorOf = (page: Page): string | null => new URL(page.url).searchParams.get('error')
const isAt = (page: Page, step: string): boolean => page.url.startsWith(`${stack.issuer}/${step}?`)

test('a hint of the person who is signed in changes nothing, also when it has expired', async () => {
  const browser = new Browser()
  const { id } = await tokensOf(stack, 'bob', { browser })
  now += 3_600_000
  assert.ok(isAt(await open(browser, { id_token_hint: id }), 'consent'))
})

test('a hint of somebody else asks for a login, and only that person can answer it', async () => {
  const browser = new Browser()
  const { id } = await tokensOf(stack, 'bob')
  await tokensOf(stack, 'carol', { browser })
  const login = await open(browser, { id_token_hint: id })
  assert.ok(isAt(login, 'login'))
  const wrong = await signIn(browser, login, 'dana')
  assert.ok(wrong.url.startsWith(CALLBACK))
  assert.equal(errorOf(wrong), 'login_required')
  assert.ok(isAt(await signIn(browser, await open(browser, { id_token_hint: id }), 'bob'), 'consent'))
})

test('a hint of somebody else with prompt=none is login_required', async () => {
  const browser = new Browser()
  const { id } = await tokensOf(stack, 'bob')
  await tokensOf(stack, 'carol', { browser })
  assert.equal(errorOf(await open(browser, { id_token_hint: id, prompt: 'none' })), 'login_required')
})

test('a hint that is not an ID token which this client got here is refused, and tells nothing of who is signed in', async () => {
  const browser = new Browser()
  const { id, access } = await tokensOf(stack, 'bob', { browser })
  const [header = '', payload = '', signature = ''] = id.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const ofDana = Buffer.from(JSON.stringify({ ...claims, sub: 'usr_dana' })).toString('base64url')
  for (const hint of ['garbage', access, `${header}.${ofDana}.${signature}`, `${header}.${payload}.`]) {
    assert.equal(errorOf(await open(browser, { id_token_hint: hint })), 'invalid_request', hint)
    assert.equal(errorOf(await open(browser, { id_token_hint: hint, prompt: 'none' })), 'invalid_request', hint)
  }
  assert.equal(errorOf(await open(browser, { id_token_hint: id, prompt: 'none' }, 'vet-assist-ai')), 'invalid_request')
})
