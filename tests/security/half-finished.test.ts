// Somebody else's half-finished login or consent (RFC 9700 §4.7, MCP security best practices: confused deputy, session
// hijacking). Forged forms, planted sessions and passed links are in tests/login/session.test.ts and tests/conformance/consent.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, type Page, signIn, startStack, type Stack } from '@permitry/testkit'
import { APP_CALLBACK, CALLBACK, post } from './world.ts'

let stack: Stack
before(async () => (stack = await startStack()))
after(() => stack.close())

async function open(
  browser: Browser,
  client: 'dev' | 'app' = 'dev',
  extra: Record<string, string> = {},
): Promise<Page> {
  const asked =
    client === 'dev'
      ? { clientId: 'vet-assist-dev', redirectUri: CALLBACK }
      : { clientId: 'vet-assist-ai', redirectUri: APP_CALLBACK }
  return browser.open((await authorizationUrl(stack.issuer, { ...asked, resource: stack.mcpUrl, extra })).url)
}

const isLogin = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/login?`)
const isConsent = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/consent?`)
const isAnswer = (page: Page): boolean => /^http:\/\/(127\.0\.0\.1:5555|localhost:9402)\/callback\?code=/.test(page.url)
const cookie = (browser: Browser, name: string): string =>
  browser
    .cookies(stack.issuer)
    .split('; ')
    .find((pair) => pair.includes(`_${name}_`)) ?? ''
const grants = () => stack.store.read((db) => db.selectFrom('grants').select(['subject_id', 'client_id']).execute())

/** A browser into which somebody has planted a cookie, as a page of a neighbouring port of loopback could. */
function plantedWith(pair: string): Browser {
  const name = pair.split('=')[0] ?? ''
  return new Browser((request) => {
    const own = (request.headers.get('cookie') ?? '')
      .split('; ')
      .filter((one) => one !== '' && !one.startsWith(`${name}=`))
    request.headers.set('cookie', [...own, pair].join('; '))
    return fetch(request)
  })
}

test('who plants the cookie of a request in the browser of a victim gets nothing of the login that follows there', async () => {
  const mallory = new Browser()
  const begun = await open(mallory)
  const victim = plantedWith(cookie(mallory, 'browser'))
  // The victim follows the link to the login step and signs in, in a request that Mallory began.
  const consent = await signIn(victim, await victim.open(begun.url), 'bob')
  assert.ok(isConsent(consent), 'the planted cookie makes it look like the browser of the request')
  for (const url of [consent.url, begun.url, `${stack.issuer}/login`]) {
    const page = await mallory.open(url)
    assert.ok(!isConsent(page) && !isAnswer(page), `${url} shows Mallory ${page.url}`)
    assert.doesNotMatch(page.text, /bob/i)
  }
  const forged = await post(
    `${stack.issuer}/consent`,
    { ...Object.fromEntries(new URL(consent.url).searchParams), decision: 'allow', scope: 'pet-profile:read' },
    { cookie: mallory.cookies(stack.issuer), origin: stack.issuer },
  )
  assert.equal(forged.status, 403)
  assert.deepEqual(await grants(), [])
})

test('a consent that was shown for one request answers no other of the same browser and person', async () => {
  const browser = new Browser()
  const harmless = await signIn(browser, await open(browser, 'app'), 'bob')
  const other = await open(browser, 'dev')
  assert.ok(isConsent(harmless) && isConsent(other))
  const fields = (page: Page) =>
    Object.fromEntries((page.forms[0]?.fields ?? []).map(({ name, value }) => [name, value]))
  for (const mixed of [
    { ...fields(harmless), request: fields(other)['request'] ?? '' },
    { ...fields(other), proof: fields(harmless)['proof'] ?? '' },
  ]) {
    const answer = await post(
      `${stack.issuer}/consent`,
      { ...mixed, decision: 'allow', scope: 'pet-profile:read' },
      { cookie: browser.cookies(stack.issuer), origin: stack.issuer },
    )
    assert.equal(answer.status, 403)
  }
  assert.deepEqual(await grants(), [])
})

test('the proof of a login step opens no consent, and the link to a step takes no new parameters', async () => {
  const browser = new Browser()
  const login = await open(browser, 'app')
  const smuggled = new URL(login.url)
  for (const [name, value] of [
    ['redirect_uri', 'https://evil.example'],
    ['scope', 'pet-profile:write'],
    ['code_challenge', 'A'.repeat(43)],
    ['state', 'mine'],
    ['client_id', 'vet-assist-dev'],
  ] as const)
    smuggled.searchParams.set(name, value)
  const consent = await signIn(browser, await browser.open(smuggled.href), 'bob')
  assert.ok(isConsent(consent))
  // "Not you?" leads to the login step of the same request in the same session.
  const notYou = /href="([^"]*\/login\?[^"]*)"/.exec(consent.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const headers = { cookie: browser.cookies(stack.issuer), origin: stack.issuer }
  const shown = consent.forms[0]?.fields.find(({ name }) => name === 'shown')?.value ?? ''
  for (const link of [login.url, notYou]) {
    const proved = { ...Object.fromEntries(new URL(link, stack.issuer).searchParams), shown }
    const wrong = await post(
      `${stack.issuer}/consent`,
      { ...proved, decision: 'allow', scope: 'pet-profile:read' },
      headers,
    )
    assert.equal(wrong.status, 403, link)
  }
  const answer = new URL((await browser.submit(consent, { decision: 'allow' })).url)
  assert.equal(answer.origin + answer.pathname, APP_CALLBACK)
  assert.equal(answer.searchParams.get('state'), 'state-of-the-test')
})

test('a request that was begun before somebody signed in is not answered silently in the session that came since', async () => {
  const browser = new Browser()
  const waiting = await open(browser, 'dev')
  assert.ok(isLogin(waiting))
  assert.ok(
    isAnswer(
      await browser.submit(await signIn(browser, await open(browser, 'app', { prompt: 'consent' }), 'bob'), {
        decision: 'allow',
      }),
    ),
  )
  const resumed = await browser.open(waiting.url)
  assert.ok(isConsent(resumed), 'the person is asked, for that client, by name')
  assert.match(resumed.text, /vet.?assist.?dev|Vet Assist/i)
})

test('an answered request gives no second code, whoever comes back to it', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await open(browser, 'app', { prompt: 'consent' }), 'carol')
  assert.ok(isAnswer(await browser.submit(consent, { decision: 'allow' })))
  for (const page of [await browser.submit(consent, { decision: 'allow' }), await browser.open(consent.url)]) {
    assert.ok(!isAnswer(page))
    assert.match(page.text, /already answered/)
  }
})
