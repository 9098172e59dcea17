// Two clicks for one: the second post replaces the page that held the way back to the application.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  appSecret,
  authorizationUrl,
  Browser,
  type Page,
  passwordOf,
  requestToken,
  signIn,
  startStack,
  type Stack,
} from '@permitry/testkit'
import { decodeJwt } from 'jose'

const APP = { clientId: 'vet-assist-ai', redirectUri: 'http://localhost:9402/callback' }
const DEV = { clientId: 'vet-assist-dev', redirectUri: 'http://127.0.0.1:5555/callback' }

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now })))
after(() => stack.close())

function urlOf(client: typeof APP, extra: Record<string, string> = {}): Promise<{ url: string; verifier: string }> {
  now += 1000
  const nonce = 'nonce-of-the-test'
  return authorizationUrl(stack.issuer, {
    ...client,
    resource: stack.mcpUrl,
    scope: 'openid pet-profile:read',
    extra: { nonce, ...extra },
  })
}

const isAt = (page: Page, step: 'login' | 'consent'): boolean => page.url.startsWith(`${stack.issuer}/${step}?`)

/** Where the answered page leads on to; undefined when it does not. */
function wayOn(page: Page): string | undefined {
  assert.match(page.text, /You have already answered this/)
  return /<a[^>]* href="([^"]*)"[^>]*>\s*Go on to/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
}

/** Follows the way on, as a click a moment later does. */
async function goOn(browser: Browser, page: Page): Promise<Page> {
  const url = wayOn(page)
  assert.ok(url, page.text)
  now += 1000
  return browser.open(url)
}

/** What a browser does with the second of two clicks: the same form once more, with the cookies of before. */
async function postAgain(page: Page, cookie: string, values: Record<string, string>): Promise<Page> {
  const browser = new Browser((request) => {
    request.headers.set('cookie', cookie)
    return fetch(request)
  })
  return browser.submit(page, values)
}

test('Allow, pressed twice, leads on to the application with state, nonce and PKCE as it sent them', async () => {
  const browser = new Browser()
  const { url, verifier } = await urlOf(APP)
  const consent = await signIn(browser, await browser.open(url), 'bob')
  await browser.submit(consent, { decision: 'allow' })
  const back = await goOn(browser, await browser.submit(consent, { decision: 'allow' }))
  assert.ok(
    back.url.startsWith(`${APP.redirectUri}?code=`),
    'a client that authenticates is sent on without a question',
  )
  const { searchParams } = new URL(back.url)
  assert.deepEqual([searchParams.get('state'), searchParams.get('iss')], ['state-of-the-test', stack.issuer])
  const redeem = (code_verifier: string) =>
    requestToken(
      stack.issuer,
      {
        grant_type: 'authorization_code',
        client_id: APP.clientId,
        code: searchParams.get('code') ?? '',
        redirect_uri: APP.redirectUri,
        code_verifier,
      },
      appSecret,
    )
  assert.equal((await redeem('another-verifier-another-verifier-another-verifier')).status, 400)
  const { status, body } = await redeem(verifier)
  assert.equal(status, 200)
  assert.equal(decodeJwt(String(body['id_token']))['nonce'], 'nonce-of-the-test')
})

test('a client that does not authenticate is asked about once more, and so is one that asked for it', async () => {
  for (const [client, extra] of [
    [DEV, {}],
    [APP, { prompt: 'consent' }],
  ] as const) {
    const browser = new Browser()
    const consent = await signIn(browser, await browser.open((await urlOf(client, extra)).url), 'bob')
    await browser.submit(consent, { decision: 'allow' })
    const again = await goOn(browser, await browser.submit(consent, { decision: 'allow' }))
    assert.ok(isAt(again, 'consent'), client.clientId)
    const back = await browser.submit(again, { decision: 'allow' })
    assert.ok(back.url.startsWith(`${client.redirectUri}?code=`))
  }
})

test('who had to sign in, and did, is not made to do it twice; one who is not signed in is', async () => {
  const browser = new Browser()
  await signIn(browser, await browser.open((await urlOf(APP)).url), 'bob')
  const { url } = await urlOf(APP, { prompt: 'login' })
  const login = await browser.open(url)
  const cookie = browser.cookies(stack.issuer)
  const values = { username: 'bob', password: passwordOf('bob') }
  const consented = await browser.submit(login, values)
  if (isAt(consented, 'consent')) await browser.submit(consented, { decision: 'allow' })
  const known = await goOn(browser, await browser.submit(login, values))
  assert.ok(known.url.startsWith(`${APP.redirectUri}?code=`))
  const unknown = await goOn(browser, await postAgain(login, cookie, values))
  assert.ok(isAt(unknown, 'login'))
  assert.ok((await browser.submit(unknown, values)).url.startsWith(`${APP.redirectUri}?code=`))
})

test('Sign in, pressed twice with everything allowed before, leads on to the application', async () => {
  const consenting = new Browser()
  const consent = await signIn(consenting, await consenting.open((await urlOf(APP)).url), 'bob')
  if (isAt(consent, 'consent')) await consenting.submit(consent, { decision: 'allow' })
  const browser = new Browser()
  const login = await browser.open((await urlOf(APP)).url)
  const cookie = browser.cookies(stack.issuer)
  const values = { username: 'bob', password: passwordOf('bob') }
  assert.ok((await browser.submit(login, values)).url.startsWith(`${APP.redirectUri}?code=`))
  for (const page of [await postAgain(login, cookie, values), await browser.submit(login, values)]) {
    const back = await goOn(browser, page)
    assert.ok(back.url.startsWith(`${APP.redirectUri}?code=`))
  }
})

test('what was refused stays refused, even when the same was allowed meanwhile in another tab', async () => {
  const browser = new Browser()
  const first = await signIn(browser, await browser.open((await urlOf(APP)).url), 'carol')
  const second = await browser.open((await urlOf(APP)).url)
  await browser.submit(first, { decision: 'deny' })
  await browser.submit(second, { decision: 'allow' })
  for (const decision of ['deny', 'allow']) {
    const back = new URL(wayOn(await browser.submit(first, { decision })) ?? '')
    assert.equal(`${back.origin}${back.pathname}`, APP.redirectUri)
    assert.deepEqual(
      Object.fromEntries(['error', 'code', 'state', 'iss'].map((key) => [key, back.searchParams.get(key)])),
      {
        error: 'access_denied',
        code: null,
        state: 'state-of-the-test',
        iss: stack.issuer,
      },
    )
  }
})

test('no other browser is led on, and nobody is after the ten minutes of the request', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await browser.open((await urlOf(DEV)).url), 'bob')
  await browser.submit(consent, { decision: 'allow' })
  const stranger = new Browser()
  await signIn(stranger, await stranger.open((await urlOf(DEV)).url), 'dana')
  for (const page of [await stranger.open(consent.url), await stranger.submit(consent, { decision: 'allow' })]) {
    assert.equal(page.status, 403)
    assert.doesNotMatch(page.text, /Go on to|authorize\?/)
  }
  now += 10 * 60_000
  assert.equal(wayOn(await browser.submit(consent, { decision: 'allow' })), undefined)
})

test('the way on leads nowhere that is not registered any more', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await browser.open((await urlOf(DEV)).url), 'bob')
  await browser.submit(consent, { decision: 'allow' })
  const setStatus = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable('clients').set({ status }).where('id', '=', DEV.clientId).execute())
  const page = await browser.submit(consent, { decision: 'allow' })
  await setStatus('suspended')
  const stopped = await goOn(browser, page)
  await setStatus('active')
  assert.equal(stopped.status, 400)
  assert.match(stopped.text, /not known here/)
})
