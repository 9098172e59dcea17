import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, type Page, passwordOf, signIn, startStack, type Stack } from '@permitry/testkit'
import { visitAccount, wordsOf } from './visitor.ts'

const PAGES = ['', '/agents', '/activity', '/sessions', '/profile', '/password', '/data', '/delete']

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

const isLoginForm = (page: Page): boolean =>
  page.url.includes('/account/sign-in') && /<h1>Sign in<\/h1>/.test(page.text)

test('a visit signs in first and ends at the page that was asked for', async () => {
  for (const path of PAGES) {
    const browser = new Browser()
    const first = await browser.open(`${stack.issuer}/account${path}`)
    assert.ok(isLoginForm(first), path)
    assert.doesNotMatch(first.text, /Bob/)
    const page = await signIn(browser, first, 'bob')
    assert.equal(page.url, `${stack.issuer}/account${path}`)
    assert.match(wordsOf(page), /Signed in as Bob Fletcher \( bob \)/)
    assert.equal((await browser.open(page.url)).url, page.url, 'and is not asked twice')
  }
})

test('the session is that of every other login: who has signed in for an application sees the account at once', async () => {
  const { browser } = await visitAccount(stack, 'bob')
  const query = new URLSearchParams({ client_id: 'vet-assist-dev', response_type: 'code', scope: 'openid' })
  for (const [name, value] of Object.entries({
    redirect_uri: 'http://127.0.0.1:5555/callback',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }))
    query.set(name, value)
  const consent = await browser.open(`${stack.issuer}/authorize?${query.toString()}`)
  assert.match(consent.url, /\/consent\?/)
  assert.match(consent.text, new RegExp(`href="${stack.issuer}/account/agents"`), 'consent says where it is taken back')
})

test('a login leads to a page of the account and to nowhere else', async () => {
  for (const to of ['https://evil.example', '//evil.example', '../consent', '__proto__', 'constructor', '%00', '']) {
    const browser = new Browser()
    const form = await browser.open(`${stack.issuer}/account/sign-in?to=${encodeURIComponent(to)}`)
    assert.equal((await signIn(browser, form, 'bob')).url, `${stack.issuer}/account`, to)
    const other = new Browser()
    const honest = await other.open(`${stack.issuer}/account/sign-in?to=agents`)
    const changed = await other.submit(honest, { to, username: 'bob', password: passwordOf('bob') })
    assert.equal(changed.status, 403, to)
  }
})

test('a login form of another browser signs nobody in, so that nobody is signed in as somebody else unawares', async () => {
  const mallory = new Browser()
  const form = await mallory.open(`${stack.issuer}/account/sign-in?to=agents`)
  const victim = new Browser()
  await victim.open(`${stack.issuer}/account`)
  const page = await victim.submit(form, { username: 'carol', password: passwordOf('carol') })
  assert.equal(page.status, 403)
  assert.ok(isLoginForm(await victim.open(`${stack.issuer}/account`)))
})

test('a wrong password is told, counted and slowed down as at every login', async () => {
  const browser = new Browser()
  let page = await browser.open(`${stack.issuer}/account`)
  for (let tries = 0; tries < 10; tries++) page = await browser.submit(page, { username: 'dana', password: 'wrong' })
  assert.match(wordsOf(page), /User name or password is not right/)
  page = await browser.submit(page, { username: 'dana', password: passwordOf('dana') })
  assert.equal(page.status, 429)
  assert.match(page.headers.get('retry-after') ?? '', /^\d+$/)
  now += 60_000
  assert.equal((await signIn(browser, page, 'dana')).url, `${stack.issuer}/account`)
})

test('password and deletion ask for a login of the last quarter of an hour, and lead back', async () => {
  for (const path of ['/password', '/delete']) {
    const { browser, page } = await visitAccount(stack, 'bob', { path })
    assert.equal(page.url, `${stack.issuer}/account${path}`)
    now += 15 * 60_000 + 1
    const again = await browser.open(page.url)
    assert.ok(isLoginForm(again))
    assert.match(wordsOf(again), /show once more that it is you/)
    assert.equal((await browser.submit(page, { current: 'bob-vet-demo' })).status, 403, 'nor is an old form taken')
    assert.equal((await browser.open(`${stack.issuer}/account/agents`)).status, 200, 'the rest stays open')
    assert.equal((await signIn(browser, again, 'bob')).url, page.url)
    now -= 60_000
    assert.ok(isLoginForm(await browser.open(page.url)), 'a login that lies ahead does not count')
    now += 120_000
  }
})

test('whoever is suspended is out at once, and back after that only by a login', async () => {
  const { browser } = await visitAccount(stack, 'carol')
  const set = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable('subjects').set({ status }).where('id', '=', 'usr_carol').execute())
  await set('suspended')
  for (const path of PAGES) assert.ok(isLoginForm(await browser.open(`${stack.issuer}/account${path}`)), path)
  await set('active')
})

test('no page of the account can be framed, kept or run script', async () => {
  const { browser } = await visitAccount(stack, 'bob')
  for (const path of [...PAGES, '/sign-in', '/agents?grant=gnt_none', '/activity?cursor=x']) {
    const { headers } = await browser.open(`${stack.issuer}/account${path}`)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, path)
    assert.equal(headers.get('x-frame-options'), 'DENY')
    assert.equal(headers.get('cache-control'), 'no-store')
  }
})

test('signing out leads back to the account', async () => {
  const { browser, page } = await visitAccount(stack, 'bob')
  const question = await browser.open(/href="([^"]*\/logout)"/.exec(page.text)?.[1] ?? '')
  const out = await browser.submit(question, {})
  assert.match(out.text, new RegExp(`href="${stack.issuer}/account/agents"`))
  assert.ok(isLoginForm(await browser.open(`${stack.issuer}/account`)))
})
