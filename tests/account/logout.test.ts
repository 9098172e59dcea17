import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorizationUrl,
  Browser,
  type Page,
  type Person,
  requestToken,
  signIn,
  startStack,
  type Stack,
} from '@permitry/testkit'
import { CALLBACK, type Tokens, tokensOf } from './openid.ts'

const BYE = 'https://app.example.com/bye'
const BYE_WITH_QUERY = 'https://app.example.com/bye?from=a%20b'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => {
  stack = await startStack({ now: () => now })
  const uris = JSON.stringify([BYE, BYE_WITH_QUERY])
  await stack.store.unit((db) => db.updateTable('clients').set({ post_logout_redirect_uris: uris }).execute())
})
after(() => stack.close())

type Sent = Readonly<Record<string, string>>

/** Somebody who is signed in at a client. */
async function signedIn(person: 'bob' | 'carol' | 'dana' = 'bob'): Promise<{ browser: Browser; tokens: Tokens }> {
  const browser = new Browser()
  return { browser, tokens: await tokensOf(stack, person, { browser }) }
}

const logout = (browser: Browser, sent: Sent = {}): Promise<Page> =>
  browser.open(`${stack.issuer}/logout?${new URLSearchParams(sent).toString()}`)

async function isSignedIn(browser: Browser): Promise<boolean> {
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: 'vet-assist-dev',
    redirectUri: CALLBACK,
    scope: 'openid',
  })
  return (await browser.open(url)).url.startsWith(`${stack.issuer}/consent?`)
}

async function signInAgain(browser: Browser, person: Person): Promise<void> {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, scope: 'openid', extra: { prompt: 'login' } }
  const { url } = await authorizationUrl(stack.issuer, request)
  await signIn(browser, await browser.open(url), person)
}

const isQuestion = (page: Page): boolean => page.status === 200 && /<h1>Sign out\?<\/h1>/.test(page.text)
const isSignedOutPage = (page: Page): boolean => page.status === 200 && /You are signed out/.test(page.text)

test('a client that shows the ID token of the session ends it, and gets the person back with state', async () => {
  const { browser, tokens } = await signedIn()
  const page = await logout(browser, { id_token_hint: tokens.id, post_logout_redirect_uri: BYE, state: 'a b&c=d' })
  assert.equal(page.url, `${BYE}?state=a+b%26c%3Dd`)
  assert.equal(page.status, 303)
  assert.equal(await isSignedIn(browser), false)
})

test('an address keeps its query, and without state none is made up', async () => {
  for (const [sent, url] of [
    [{ post_logout_redirect_uri: BYE_WITH_QUERY, state: 'x' }, `${BYE_WITH_QUERY}&state=x`],
    [{ post_logout_redirect_uri: BYE }, BYE],
  ] as const) {
    const { browser, tokens } = await signedIn()
    assert.equal((await logout(browser, { id_token_hint: tokens.id, ...sent })).url, url)
  }
})

test('an ID token that has expired long ago still says whose session it was', async () => {
  const { browser, tokens } = await signedIn()
  now += 3 * 3_600_000
  const page = await logout(browser, {
    id_token_hint: tokens.id,
    client_id: 'vet-assist-dev',
    post_logout_redirect_uri: BYE,
  })
  assert.equal(page.url, BYE)
  assert.equal(await isSignedIn(browser), false)
})

test('an ID token of a key that is retired meanwhile still counts', async () => {
  const { browser, tokens } = await signedIn()
  const kid = String(
    (JSON.parse(Buffer.from(tokens.id.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid,
  )
  const retire = (retired_at: number | null) =>
    stack.store.unit((db) => db.updateTable('signing_keys').set({ retired_at }).where('kid', '=', kid).execute())
  await retire(now)
  const page = await logout(browser, { id_token_hint: tokens.id, post_logout_redirect_uri: BYE })
  await retire(null)
  assert.equal(page.url, BYE)
})

test('logout ends the session and no grant: the tokens of an application live on', async () => {
  const { browser, tokens } = await signedIn()
  await logout(browser, { id_token_hint: tokens.id })
  const form = { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: tokens.refresh }
  assert.equal((await requestToken(stack.issuer, form)).status, 200)
})

test('a link from anywhere does not sign anybody out: the person is asked, by name', async () => {
  const { browser } = await signedIn()
  const page = await logout(browser)
  assert.ok(isQuestion(page))
  assert.match(page.text, /Bob Fletcher/)
  assert.equal(await isSignedIn(browser), true)
  assert.ok(isSignedOutPage(await browser.submit(page, {})))
  assert.equal(await isSignedIn(browser), false)
})

test('the ID token of another person, another session or another issuer is no reason to go without asking', async () => {
  const { browser, tokens } = await signedIn('bob')
  const other = await signedIn('carol')
  const older = tokens.id
  now += 1000
  const renewed = await tokensOf(stack, 'bob', { browser, extra: { prompt: 'login' } })
  const [header, payload, signature = ''] = renewed.id.split('.')
  const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  for (const id_token_hint of [other.tokens.id, older, forged, renewed.access, 'garbage', `${header}.${payload}.`]) {
    const page = await logout(browser, { id_token_hint, post_logout_redirect_uri: BYE })
    assert.ok(isQuestion(page), id_token_hint)
    assert.equal(await isSignedIn(browser), true)
  }
  assert.equal((await logout(browser, { id_token_hint: renewed.id, post_logout_redirect_uri: BYE })).url, BYE)
})

test('a client_id that is not the audience of the hint makes the hint and the address worthless', async () => {
  const { browser, tokens } = await signedIn()
  const sent = { id_token_hint: tokens.id, client_id: 'vet-assist-ai', post_logout_redirect_uri: BYE }
  const page = await logout(browser, sent)
  assert.ok(isQuestion(page))
  assert.doesNotMatch(page.text, /Vet Assist|app\.example\.com/)
  assert.ok(isSignedOutPage(await browser.submit(page, {})))
})

test('nobody is sent to an address that is not registered, character by character', async () => {
  for (const uri of [
    'https://evil.example/',
    `${BYE}/`,
    `${BYE}?`,
    `${BYE}#x`,
    'https://app.example.com/Bye',
    'https://app.example.com/bye/../bye',
    'https://app.example.com@evil.example/bye',
    'javascript:alert(1)',
    '//evil.example',
  ]) {
    const { browser, tokens } = await signedIn()
    const page = await logout(browser, { id_token_hint: tokens.id, post_logout_redirect_uri: uri, state: 'x' })
    assert.ok(isSignedOutPage(page), uri)
    assert.doesNotMatch(page.text, /evil|app\.example\.com|javascript/)
    assert.equal(await isSignedIn(browser), false)
  }
})

test('without a hint the address of a client counts after the person has answered, and with state', async () => {
  const { browser } = await signedIn()
  const sent = { client_id: 'vet-assist-dev', post_logout_redirect_uri: BYE, state: 's' }
  const page = await logout(browser, sent)
  assert.ok(isQuestion(page))
  assert.match(page.text, /Vet Assist Dev/)
  assert.equal((await browser.submit(page, {})).url, `${BYE}?state=s`)
})

test('without a hint and without a session a link of ours does not lead to a client by itself', async () => {
  const page = await logout(new Browser(), { client_id: 'vet-assist-dev', post_logout_redirect_uri: BYE })
  assert.ok(isSignedOutPage(page))
  assert.match(page.text, /href="https:\/\/app\.example\.com\/bye"/)
})

test('after the person has answered, the address of a client that registered itself is a link and no redirect', async () => {
  const set = (registration: 'registered' | 'dcr') =>
    stack.store.unit((db) =>
      db.updateTable('clients').set({ registration }).where('id', '=', 'vet-assist-dev').execute(),
    )
  const { browser } = await signedIn()
  await set('dcr')
  const page = await logout(browser, { client_id: 'vet-assist-dev', post_logout_redirect_uri: BYE })
  const answer = await browser.submit(page, {})
  await set('registered')
  assert.ok(isSignedOutPage(answer))
  assert.match(answer.text, /href="https:\/\/app\.example\.com\/bye"/)
})

test('a suspended client gets nobody back', async () => {
  const set = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable('clients').set({ status }).where('id', '=', 'vet-assist-dev').execute())
  const { browser, tokens } = await signedIn()
  await set('suspended')
  const page = await logout(browser, { id_token_hint: tokens.id, post_logout_redirect_uri: BYE })
  await set('active')
  assert.ok(isSignedOutPage(page))
})

test('the answer to the question is for the session that it was put to', async () => {
  const { browser } = await signedIn()
  const question = await logout(browser)
  now += 1000
  await signInAgain(browser, 'dana')
  const again = await browser.submit(question, {})
  assert.ok(isQuestion(again))
  assert.match(again.text, /Dana Whitlock/)
  assert.equal(await isSignedIn(browser), true)
  assert.ok(isSignedOutPage(await browser.submit(again, {})))
})

test('the answer to the question is taken from our own page only', async () => {
  const { browser } = await signedIn()
  const question = await logout(browser)
  const body = new URLSearchParams(question.forms[0]?.fields.map(({ name, value }) => [name, value]))
  for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    const cookie = browser.cookies(stack.issuer)
    const action = `${stack.issuer}/logout/confirm`
    const forged = await fetch(action, { method: 'POST', body, headers: { cookie, ...headers } })
    assert.equal(forged.status, 403)
    assert.equal(await isSignedIn(browser), true)
  }
})

test('POST works like GET, and one that comes from another site is asked to come again with its cookies', async () => {
  const { browser, tokens } = await signedIn()
  const sent = new URLSearchParams({ id_token_hint: tokens.id, post_logout_redirect_uri: BYE, state: 's' })
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' }
  const first = await fetch(`${stack.issuer}/logout`, { method: 'POST', body: sent, headers, redirect: 'manual' })
  assert.equal(first.status, 303)
  assert.equal((await browser.open(first.headers.get('location') ?? '')).url, `${BYE}?state=s`)
  assert.equal(await isSignedIn(browser), false)

  const other = await signedIn()
  const cookie = other.browser.cookies(stack.issuer)
  const body = new URLSearchParams({ id_token_hint: other.tokens.id, post_logout_redirect_uri: BYE })
  const post = await fetch(`${stack.issuer}/logout`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' })
  assert.deepEqual([post.status, post.headers.get('location')], [303, BYE])
  assert.equal(await isSignedIn(other.browser), false)
})

test('a parameter that was sent twice is refused', async () => {
  const { browser, tokens } = await signedIn()
  const page = await browser.open(
    `${stack.issuer}/logout?id_token_hint=${tokens.id}&post_logout_redirect_uri=${BYE}&post_logout_redirect_uri=${BYE}`,
  )
  assert.equal(page.status, 400)
  assert.equal(await isSignedIn(browser), true)
})

test('metadata names the endpoint, the end of a session is in the audit trail, and the cookie is gone', async () => {
  const metadata = (await (await fetch(`${stack.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >
  assert.equal(metadata['end_session_endpoint'], `${stack.issuer}/logout`)
  const { browser, tokens } = await signedIn('carol')
  await logout(browser, { id_token_hint: tokens.id })
  assert.doesNotMatch(browser.cookies(stack.issuer), /session/)
  const events = await stack.store.read((db) =>
    db
      .selectFrom('audit_events')
      .select(['subject_id', 'reason'])
      .where('type', '=', 'session.ended')
      .orderBy('seq', 'desc')
      .execute(),
  )
  assert.deepEqual(events[0], { subject_id: 'usr_carol', reason: 'signed out' })
})
