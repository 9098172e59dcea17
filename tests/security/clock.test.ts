// A clock that was wrong and is put right goes back. What was decided by it must not become good again, or bad for long.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorize,
  authorizationUrl,
  Browser,
  type Page,
  passwordOf,
  requestToken,
  signIn,
  startStack,
  type Stack,
} from '@permitry/testkit'

const redirectUri = 'http://127.0.0.1:5555/callback'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let now = Date.parse('2026-11-24T12:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

const request = (extra: Record<string, string> = {}) => ({
  clientId: 'vet-assist-dev',
  redirectUri,
  resource: stack.mcpUrl,
  scope: 'pet-profile:read',
  extra,
})

async function open(browser: Browser, extra: Record<string, string> = {}): Promise<Page> {
  return browser.open((await authorizationUrl(stack.issuer, request(extra))).url)
}

const isLogin = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/login?`)
const isConsent = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/consent?`)

test('a login of before a request does not count as one of after it, though the clock says so', async () => {
  const browser = new Browser()
  assert.ok(isConsent(await signIn(browser, await open(browser), 'bob')))
  now -= HOUR
  for (const extra of [{ prompt: 'login' }, { max_age: '60' }]) {
    const login = await open(browser, extra)
    assert.ok(isLogin(login), JSON.stringify(extra))
    assert.ok(isConsent(await signIn(browser, login, 'bob')), 'and a new login does')
    now -= HOUR
  }
})

test('max_age is measured when the person answers, not when the request came', async () => {
  const browser = new Browser()
  await signIn(browser, await open(browser), 'bob')
  now += MINUTE
  const consent = await open(browser, { max_age: '120' })
  assert.ok(isConsent(consent), 'a minute old')
  now += 2 * MINUTE
  const late = await browser.submit(consent, { decision: 'allow' })
  assert.ok(isLogin(late), late.url)
  const again = await signIn(browser, late, 'bob')
  assert.ok((await browser.submit(again, { decision: 'allow' })).url.startsWith(`${redirectUri}?code=`))
})

test('a refresh token that was spent long ago is not in its retry window again', async () => {
  const { params, verifier } = await authorize(stack.issuer, request(), 'bob')
  const form = { client_id: 'vet-assist-dev', redirect_uri: redirectUri, code_verifier: verifier }
  const code = { ...form, grant_type: 'authorization_code', code: params.get('code') ?? '' }
  const token = String((await requestToken(stack.issuer, code)).body['refresh_token'])
  const refresh = () =>
    requestToken(stack.issuer, { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: token })
  const first = await refresh()
  assert.equal(first.status, 200)
  now -= 20_000
  assert.equal((await refresh()).body['refresh_token'], first.body['refresh_token'], 'replicas differ by moments')
  now -= 20_000
  assert.equal((await refresh()).body['error'], 'invalid_grant')
})

test('an address that was counted before the clock went back is not turned away until it has caught up', async () => {
  await open(new Browser())
  await stack.store.unit((db) => db.updateTable('rate_counts').set({ count: 1_000 }).execute())
  assert.equal((await open(new Browser())).status, 429)
  now -= HOUR
  assert.ok(isLogin(await open(new Browser())))
})

test('who has to wait after wrong passwords waits no longer because the clock went back', async () => {
  const browser = new Browser()
  const login = await open(browser)
  for (let i = 0; i < 10; i++) await browser.submit(login, { username: 'carol', password: `guess ${i}` })
  now -= HOUR
  const page = await browser.submit(await open(browser), { username: 'carol', password: passwordOf('carol') })
  assert.deepEqual([page.status, page.headers.get('retry-after')], [429, '1'])
})
