import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Browser, type Page } from '@permitry/testkit'
import { conformanceStack, encode, type Parameters, refresh, requestOf, signIn, STATE, tokensFor } from './harness.ts'
import { CALLBACK, SECRET } from './parties.ts'

const server = conformanceStack()
const BYE = 'https://app.example.com/bye'

const logout = (browser: Browser, parameters: Parameters = {}): Promise<Page> =>
  browser.open(`${server().issuer}/logout?${encode(parameters).toString()}`)

/** Signs a person in through `posting-app` and hands out what the client then holds. */
async function signedIn(person: 'bob' | 'carol' = 'bob') {
  const browser = new Browser()
  const tokens = await tokensFor(
    person,
    server().issuer,
    'posting-app',
    { scope: 'openid pet-profile:read' },
    { browser },
  )
  return { browser, hint: tokens.idToken, tokens }
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  const page = await browser.open(
    `${server().issuer}/authorize?${encode(requestOf('exact', { prompt: 'none' })).toString()}`,
  )
  assert.ok(page.url.startsWith(CALLBACK), page.url)
  return new URL(page.url).searchParams.get('error') !== 'login_required'
}

/** The person stays with us: a page, and nowhere on it an address that was not registered. */
function assertStayed(page: Page): void {
  assert.equal(page.status, 200)
  assert.ok(page.url.startsWith(`${server().issuer}/logout`), page.url)
  assert.doesNotMatch(page.text, /evil\.example/)
}

test('AS-132, AS-84: with the ID token of the session the person is signed out and sent to the registered address with state', async () => {
  const { issuer } = server()
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    end_session_endpoint: string
  }
  assert.equal(metadata.end_session_endpoint, `${issuer}/logout`)
  const { browser, hint } = await signedIn()
  assert.ok(await isSignedIn(browser))
  const page = await logout(browser, { id_token_hint: hint, post_logout_redirect_uri: BYE, state: STATE })
  const { origin, pathname, searchParams } = new URL(page.url)
  assert.deepEqual(
    [`${origin}${pathname}`, searchParams.get('state'), [...searchParams.keys()]],
    [BYE, STATE, ['state']],
  )
  assert.ok(!(await isSignedIn(browser)))
})

test('AS-132: POST is as good as GET, and other methods are none', async () => {
  const { issuer } = server()
  const { browser, hint } = await signedIn()
  const headers = { cookie: browser.cookies(issuer), origin: issuer }
  const response = await fetch(`${issuer}/logout`, {
    method: 'POST',
    headers,
    redirect: 'manual',
    body: encode({ id_token_hint: hint, post_logout_redirect_uri: BYE }),
  })
  assert.deepEqual([response.status, response.headers.get('location')], [303, BYE])
  assert.ok(!(await isSignedIn(browser)))
  for (const method of ['PUT', 'DELETE'])
    assert.ok([404, 405].includes((await fetch(`${issuer}/logout`, { method })).status))
})

test('AS-132: an expired ID token is still a hint', async () => {
  const conformance = server()
  const { browser, hint } = await signedIn()
  conformance.advance(3600)
  assert.equal((await logout(browser, { id_token_hint: hint, post_logout_redirect_uri: BYE })).url, BYE)
  assert.ok(!(await isSignedIn(browser)))
})

test('AS-132: without a valid hint of this session the person is asked, and nothing happens before the answer', async () => {
  const { browser, hint, tokens } = await signedIn()
  const carol = await signedIn('carol')
  const [head = '', payload = '', signature = ''] = hint.split('.')
  const earlier = await signedIn()
  for (const id_token_hint of [
    undefined,
    'x',
    `${head}.${payload}.`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    tokens.accessToken,
    carol.hint,
    earlier.hint,
  ]) {
    const page = await logout(browser, { id_token_hint, post_logout_redirect_uri: BYE, client_id: 'posting-app' })
    assertStayed(page)
    assert.ok(page.forms.length > 0, 'a question')
    assert.ok(await isSignedIn(browser), String(id_token_hint))
  }
  const { issuer } = server()
  const confirmed = await browser.submit(await logout(browser), {})
  assert.equal(confirmed.status, 200)
  assert.ok(confirmed.url.startsWith(issuer))
  assert.ok(!(await isSignedIn(browser)))
})

test('AS-132: the question cannot be answered from another site, by a forged form or in the session of somebody else', async () => {
  const { issuer } = server()
  const { browser } = await signedIn()
  const question = await logout(browser)
  const [form] = question.forms
  assert.ok(form)
  const carol = (await signedIn('carol')).browser
  await carol.submit(question, {}).catch(() => undefined)
  assert.ok(await isSignedIn(carol))
  const forged = {
    ...form,
    fields: form.fields.map((field) => (field.name === 'proof' ? { ...field, value: 'A'.repeat(43) } : field)),
  }
  await browser.submit(question, {}, forged)
  assert.ok(await isSignedIn(browser))
  const body = new URLSearchParams(form.fields.map(({ name, value }) => [name, value]))
  const foreign = await fetch(new URL(form.action, question.url), {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { cookie: browser.cookies(issuer), origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  })
  assert.ok(foreign.status >= 300, String(foreign.status))
  assert.ok(await isSignedIn(browser))
})

test('AS-132, AS-53: only an address that is registered for the client is gone to, compared as a string', async () => {
  for (const post_logout_redirect_uri of [
    'https://evil.example/',
    `${BYE}/`,
    `${BYE}?a=b`,
    `${BYE}#a`,
    'https://APP.example.com/bye',
    'http://app.example.com/bye',
    CALLBACK,
    '//evil.example',
    'javascript:alert(1)',
    'https://app.example.com@evil.example/bye',
    [BYE, 'https://evil.example/'],
  ]) {
    const { browser, hint } = await signedIn()
    const page = await logout(browser, { id_token_hint: hint, post_logout_redirect_uri, state: STATE })
    assert.ok(page.url.startsWith(server().issuer), page.url)
    assert.doesNotMatch(page.text, /evil\.example|http-equiv="?refresh/)
  }
})

test('AS-132: an address of another client, or a client_id that is not the one of the hint, is not gone to', async () => {
  for (const parameters of [
    { client_id: 'exact' },
    { client_id: 'nobody' },
    { client_id: ['posting-app', 'posting-app'] },
  ]) {
    const { browser, hint } = await signedIn()
    const page = await logout(browser, { id_token_hint: hint, post_logout_redirect_uri: BYE, ...parameters })
    assert.ok(page.url.startsWith(server().issuer), page.url)
  }
  const browser = new Browser()
  const { idToken } = await tokensFor(
    'bob',
    server().issuer,
    'exact',
    { scope: 'openid pet-profile:read' },
    { browser },
  )
  const page = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: BYE })
  assert.ok(page.url.startsWith(server().issuer), page.url)
  const { browser: own, hint } = await signedIn()
  assert.equal(
    (await logout(own, { id_token_hint: hint, post_logout_redirect_uri: BYE, client_id: 'posting-app' })).url,
    BYE,
  )
})

test('AS-132, AS-53: without a hint nobody is sent away, signed in or not', async () => {
  for (const browser of [new Browser(), (await signedIn()).browser]) {
    for (const parameters of [
      { post_logout_redirect_uri: BYE },
      { post_logout_redirect_uri: BYE, client_id: 'posting-app' },
    ]) {
      assertStayed(await logout(browser, parameters))
    }
  }
})

test('AS-132, AS-60: the pages of logout cannot be framed, run no script and send no referrer', async () => {
  const { browser } = await signedIn()
  const question = await logout(browser)
  const done = await browser.submit(question, {})
  for (const page of [question, done]) {
    assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    assert.doesNotMatch(page.text, /<script/)
  }
})

test('AS-132: logout ends the session and takes nothing from what the person granted', async () => {
  const { issuer } = server()
  const { browser, hint, tokens } = await signedIn()
  await logout(browser, { id_token_hint: hint })
  assert.ok(!(await isSignedIn(browser)))
  assert.equal((await refresh(issuer, 'posting-app', tokens.refreshToken, { client_secret: SECRET })).status, 200)
})

test('AS-128: a hint of another person is login_required, and only that person can go on', async () => {
  const { issuer } = server()
  const { hint } = await signedIn('bob')
  const open = (browser: Browser, changes: Parameters): Promise<Page> =>
    browser.open(
      `${issuer}/authorize?${encode(requestOf('posting-app', { id_token_hint: hint, ...changes })).toString()}`,
    )
  const errorAt = (page: Page): string | null => new URL(page.url).searchParams.get('error')
  const carol = (await signedIn('carol')).browser
  assert.equal(errorAt(await open(carol, { prompt: 'none' })), 'login_required')
  const login = await open(carol, {})
  assert.ok(login.url.startsWith(`${issuer}/login?`), login.url)
  assert.equal(errorAt(await signIn(carol, login, 'dana')), 'login_required')
  const bob = (await signedIn('bob')).browser
  assert.ok(new URL((await open(bob, { prompt: 'none' })).url).searchParams.get('code'))
})

test('AS-128: a hint that is no ID token which this client got here is refused', async () => {
  const { issuer } = server()
  const { hint, tokens, browser } = await signedIn()
  const [head = '', payload = '', signature = ''] = hint.split('.')
  const errorOf = async (clientId: string, id_token_hint: string): Promise<string | null> => {
    const request = requestOf(clientId, { id_token_hint, prompt: 'none' })
    return new URL((await browser.open(`${issuer}/authorize?${encode(request).toString()}`)).url).searchParams.get(
      'error',
    )
  }
  for (const forged of [
    'x',
    tokens.accessToken,
    `${head}.${payload}.`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
  ]) {
    assert.equal(await errorOf('posting-app', forged), 'invalid_request')
  }
  assert.equal(await errorOf('exact', hint), 'invalid_request')
})
