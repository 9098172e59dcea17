import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAuthorizationServer } from '@permitry/server'
import { authorizationUrl, Browser, type Page, passwordOf, signIn, startStack, type Stack } from '@permitry/testkit'

const CALLBACK = 'http://127.0.0.1:5555/callback'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

async function open(browser: Browser, extra: Record<string, string> = {}): Promise<Page> {
  now += 1000
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: 'vet-assist-dev',
    redirectUri: CALLBACK,
    resource: stack.mcpUrl,
    extra,
  })
  return browser.open(url)
}

const isLogin = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/login?`)
const isConsent = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/consent?`)
const isAnswer = (page: Page): boolean => page.url.startsWith(`${CALLBACK}?code=`)

/** A cookie by the part of its name that says what it is for. */
const cookieOf = (browser: Browser, name: string): string =>
  browser
    .cookies(stack.issuer)
    .split('; ')
    .find((pair) => pair.includes(`_${name}_`)) ?? ''

/** The link of a page by its text. */
function linkOf(page: Page, text: string): string {
  const href = new RegExp(`<a[^>]* href="([^"]*)"[^>]*>\\s*${text}`).exec(page.text)?.[1]
  assert.ok(href, `no link "${text}" on ${page.text}`)
  return href.replaceAll('&amp;', '&')
}

/** A browser that says otherwise where a form came from. */
function browserSaying(headers: Record<string, string | undefined>): { browser: Browser; attack: () => void } {
  let attacking = false
  const browser = new Browser((request) => {
    for (const [name, value] of attacking && request.method === 'POST' ? Object.entries(headers) : []) {
      if (value === undefined) request.headers.delete(name)
      else request.headers.set(name, value)
    }
    return fetch(request)
  })
  return { browser, attack: () => void (attacking = true) }
}

test('a form from another page is refused at login and at consent, even with a proof that is right', async () => {
  const forged: Record<string, string | undefined>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: undefined },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of forged) {
    const { browser, attack } = browserSaying(headers)
    const login = await open(browser)
    const consent = await signIn(browser, login, 'bob')
    attack()
    for (const page of [await signIn(browser, login, 'bob'), await browser.submit(consent, { decision: 'allow' })]) {
      assert.equal(page.status, 403, JSON.stringify(headers))
      assert.match(page.text, /This form was not accepted/)
    }
  }
  const own = browserSaying({ origin: 'null', 'sec-fetch-site': 'same-origin' })
  const login = await open(own.browser)
  own.attack()
  assert.ok(isConsent(await signIn(own.browser, login, 'bob')), 'a browser under our own referrer policy')
})

test('nobody can sign a victim in as somebody else: a login form works in the browser that it was made for', async () => {
  const [mallory, victim] = [new Browser(), new Browser()]
  const mallorys = await open(mallory)
  await open(victim)
  const page = await signIn(victim, mallorys, 'carol')
  assert.equal(page.status, 403)
  assert.equal(cookieOf(victim, 'session'), '')
})

test('every login has a session of its own, and the one before has ended', async () => {
  const browser = new Browser()
  assert.ok(isConsent(await signIn(browser, await open(browser), 'bob')))
  const old = cookieOf(browser, 'session')
  assert.ok(isConsent(await signIn(browser, await open(browser, { prompt: 'login' }), 'bob')))
  assert.notEqual(cookieOf(browser, 'session'), old)
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: 'vet-assist-dev',
    redirectUri: CALLBACK,
    resource: stack.mcpUrl,
  })
  const answer = await fetch(url, { headers: { cookie: old }, redirect: 'manual' })
  assert.match(answer.headers.get('location') ?? '', /\/login\?/)
})

test('a session that was planted before the login is not the one that the login makes', async () => {
  const attacker = new Browser()
  await signIn(attacker, await open(attacker), 'carol')
  const planted = cookieOf(attacker, 'session')
  const victim = new Browser((request) => {
    if (!(request.headers.get('cookie') ?? '').includes('_session_'))
      request.headers.set('cookie', [request.headers.get('cookie'), planted].filter(Boolean).join('; '))
    return fetch(request)
  })
  assert.ok(isConsent(await signIn(victim, await open(victim, { prompt: 'login' }), 'bob')))
  assert.notEqual(cookieOf(victim, 'session'), planted)
  assert.ok(isLogin(await open(attacker)), 'and what was planted is worth nothing any more')
})

test('who signs in as somebody else in another tab cannot answer with the page of before, and can go on', async () => {
  const browser = new Browser()
  const bobs = await signIn(browser, await open(browser), 'bob')
  assert.ok(isConsent(bobs))
  const other = await open(browser, { prompt: 'login' })
  assert.ok(isConsent(await signIn(browser, other, 'dana')))
  const refused = await browser.submit(bobs, { decision: 'allow' })
  assert.equal(refused.status, 403)
  assert.match(refused.text, /This form was not accepted/)
  const danas = await browser.open(linkOf(refused, 'Go on'))
  assert.ok(isConsent(danas))
  assert.match(danas.text, /dana/)
  assert.doesNotMatch(danas.text, />bob</)
  assert.ok(isAnswer(await browser.submit(danas, { decision: 'allow' })))
})

test('the way on from a refused form is open to the browser that began the request and to no other', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await open(browser), 'bob')
  await signIn(browser, await open(browser, { prompt: 'login' }), 'dana')
  const goOn = linkOf(await browser.submit(consent, { decision: 'allow' }), 'Go on')
  assert.equal((await new Browser().open(goOn)).status, 403)
})

test('two tabs of one browser are two requests that both can be answered', async () => {
  const browser = new Browser()
  const [first, second] = [await open(browser), await open(browser)]
  const consent = await signIn(browser, first, 'bob')
  assert.ok(isConsent(consent))
  const late = await signIn(browser, second, 'bob')
  assert.equal(late.status, 403, 'this form was made for somebody who was not signed in')
  const other = await browser.open(linkOf(late, 'Go on'))
  assert.ok(isConsent(other))
  assert.ok(isAnswer(await browser.submit(consent, { decision: 'allow' })))
  assert.ok(isAnswer(await browser.submit(other, { decision: 'allow' })))
})

test('the back button leads to where the request stands, not to an error', async () => {
  const browser = new Browser()
  const login = await open(browser)
  const consent = await signIn(browser, login, 'bob')
  const back = await browser.open(login.url)
  assert.ok(isConsent(back))
  assert.ok(isAnswer(await browser.submit(back, { decision: 'allow' })))
  for (const url of [login.url, consent.url]) {
    const page = await browser.open(url)
    assert.equal(page.status, 200)
    assert.match(page.text, /already answered/)
  }
})

test('a login form of an answered request signs nobody in', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await open(browser), 'bob')
  const login = await browser.open(linkOf(consent, 'Not you'))
  assert.ok(isAnswer(await browser.submit(consent, { decision: 'allow' })))
  const session = cookieOf(browser, 'session')
  assert.match((await signIn(browser, login, 'dana')).text, /already answered/)
  assert.equal(cookieOf(browser, 'session'), session)
})

test('a request that took too long leads back to a registered client, which hears that nothing came of it', async () => {
  const browser = new Browser()
  const login = await open(browser)
  now += 10 * 60_000
  const late = await signIn(browser, login, 'bob')
  assert.equal(late.status, 400)
  const back = new URL(linkOf(late, 'Return to'))
  assert.ok(back.href.startsWith(`${CALLBACK}?error=access_denied`))
  assert.deepEqual([back.searchParams.get('iss'), back.searchParams.get('state')], [stack.issuer, 'state-of-the-test'])
  assert.doesNotMatch((await new Browser().open(login.url)).text, /Return to/)
})

test('a suspended person is signed out of the request that is under way', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await open(browser), 'carol')
  const setStatus = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable('subjects').set({ status }).where('id', '=', 'usr_carol').execute())
  await setStatus('suspended')
  const page = await browser.submit(consent, { decision: 'allow' })
  await setStatus('active')
  assert.equal(page.status, 403)
})

test('a session lives twelve hours after its last use, seven days at most, and use is written down once a minute', async () => {
  const browser = new Browser()
  await signIn(browser, await open(browser), 'bob')
  const idleUntil = async (): Promise<number> => {
    const rows = await stack.store.read((db) =>
      db
        .selectFrom('sessions')
        .select('idle_expires_at')
        .where('ended_at', 'is', null)
        .orderBy('created_at', 'desc')
        .execute(),
    )
    return rows[0]?.idle_expires_at ?? 0
  }
  const first = await idleUntil()
  now += 57_000
  assert.ok(isConsent(await open(browser)))
  assert.equal(await idleUntil(), first)
  now += 2_000
  assert.ok(isConsent(await open(browser)))
  assert.ok((await idleUntil()) > first)
  for (let hours = 0; hours < 7 * 24 - 12; hours += 11) {
    now += 11 * 3_600_000
    assert.ok(isConsent(await open(browser)), `${hours} hours`)
  }
  now += 12 * 3_600_000
  assert.ok(isLogin(await open(browser)))
})

test('over https every cookie is bound to the host and out of reach of scripts, other sites and plain http', async () => {
  const issuer = 'https://login.example'
  const server = await createAuthorizationServer({
    store: stack.store,
    issuer,
    masterKey: new Uint8Array(32).fill(7),
    now: () => now,
  })
  const cookies = new Set<string>()
  const browser = new Browser(async (request) => {
    const response = await server.fetch(request)
    for (const cookie of response.headers.getSetCookie()) cookies.add(cookie)
    return response
  })
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl }
  const { url } = await authorizationUrl(issuer, request)
  await browser.submit(await browser.open(url), { username: 'bob', password: passwordOf('bob') })
  assert.deepEqual(
    new Set([...cookies].map((cookie) => cookie.split('=')[0])),
    new Set(['__Host-permitry_browser', '__Host-permitry_session', '__Host-permitry_device']),
  )
  for (const cookie of cookies) {
    for (const flag of [/; Path=\//, /; HttpOnly/, /; Secure/, /; SameSite=Lax/]) assert.match(cookie, flag)
    assert.doesNotMatch(cookie, /; Domain=/i)
    assert.equal(/Max-Age=15552000/.test(cookie), cookie.startsWith('__Host-permitry_device='), cookie)
  }
})

test('a session of one tenant is none in another', async () => {
  await stack.store.unit(async (db) => {
    await db
      .insertInto('tenants')
      .values({ id: 'other', name: 'Other', epoch: 0, status: 'active', created_at: now })
      .execute()
    const clients = await db.selectFrom('clients').selectAll().where('id', '=', 'vet-assist-dev').execute()
    const tenant = 'other'
    await db
      .insertInto('clients')
      .values(clients.map((client) => ({ ...client, tenant })))
      .execute()
  })
  const browser = new Browser()
  await signIn(browser, await open(browser), 'bob')
  const { url } = await authorizationUrl(`${stack.issuer}/t/other`, {
    clientId: 'vet-assist-dev',
    redirectUri: CALLBACK,
    scope: 'openid',
  })
  const renamed = browser.cookies(stack.issuer).replaceAll(/(permitry_\w+?_\d+)=/g, '$1_other=')
  for (const cookie of [browser.cookies(stack.issuer), renamed]) {
    const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' })
    assert.match(answer.headers.get('location') ?? '', /\/t\/other\/login\?/)
  }
})
