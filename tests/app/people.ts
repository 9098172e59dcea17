// Two people at one browser, and everything that would let one act for the other.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, launchChromium, passwordOf, type Person } from '@permitry/testkit'
import type { State, ToolItem } from '@vet-assist/app'
import type { Browser } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { visit, type Visitor } from './visitor.ts'

let browser: Browser
let site: Site
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
})
after(async () => {
  await browser?.close()
  await site?.close()
})

// The first test, because nobody has allowed anything yet.
test('Dana, who signed in at the authorization server through another app, cannot give Bob’s conversation her permission', async () => {
  await using bob = await visit(browser, site)
  const { page } = bob
  await bob.ask('When is Fido’s next vaccination?')
  await bob.signIn('bob')
  await bob.consent('Allow')
  await page.getByRole('checkbox', { name: 'See pet profiles' }).waitFor()
  await signInThroughAnotherApp(bob, 'dana')

  // Bob's tab, as he left it: the app's session is his.
  await page.goto(site.origin)
  await bob
    .card('May Vet Assist AI see your pets’ records?')
    .getByRole('button', { name: /permission page/ })
    .click()
  await page.getByText('Signed in as Dana Whitlock').waitFor()
  await page.getByRole('link', { name: 'Not you?' }).waitFor()
  await bob.consent('Allow')
  await page.getByRole('alert').getByText('This conversation is Bob Fletcher’s. On the permission page').waitFor()
  await bob.shot('8-other-person')
  const { items, person } = await api('state', await cookieOf(bob))
  assert.equal(person?.name, 'Bob Fletcher')
  assert.deepEqual(
    items.map((item) => [item.kind, 'state' in item && item.state]),
    [
      ['person', false],
      ['access', 'offered'],
    ],
    'the card still asks, and nothing was given',
  )
  assert.doesNotMatch(JSON.stringify([items, await api('messages', await cookieOf(bob))]), /Dana|Whitlock|usr_dana/)
  assert.deepEqual([[...site.tokens], site.calls], [[], []], 'the clinic was shown no token')
  assert.deepEqual(await familiesOf('usr_dana'), ['revoked by the client'])

  // Dana has allowed it now, and would come back without having seen a page: this time it is asked who is there.
  await bob
    .card('May Vet Assist AI see your pets’ records?')
    .getByRole('button', { name: /permission page/ })
    .click()
  await bob.signIn('bob')
  await bob.consent('Allow')
  await bob.answer('Leptospirosis')
  assert.doesNotMatch(await page.locator('body').innerText(), /openid/)
})

test('Bob signs out, and Carol at the same browser sees nothing of his and signs in as herself', async () => {
  await using person = await visit(browser, site)
  const { page } = person
  await person.arrive('bob', 'When is Fido’s next vaccination?')
  await person.answer('Leptospirosis')
  const ofBob = await cookieOf(person)
  await page.getByRole('button', { name: 'Account of Bob Fletcher' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  // The authorization server asks too, because the app shows it no token through the browser.
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${site.origin}/`)
  await page.getByRole('heading', { name: 'How are your pets?' }).waitFor()
  assert.equal((await api('state', ofBob)).person, null, 'the cookie that Bob had opens nothing')

  await person.arrive('carol', 'How is Misty?')
  await person.answer('Misty is yours.')
  assert.doesNotMatch(await page.locator('body').innerText(), /Fido|Fletcher/)
  assert.doesNotMatch(JSON.stringify(await api('messages', await cookieOf(person))), /Fido|usr_bob/)
})

test('Carol who signs in over Bob’s session ends it, also in the tab that he left open', async () => {
  await using person = await visit(browser, site)
  const { page } = person
  await person.arrive('bob', 'When is Fido’s next vaccination?')
  await person.answer('Leptospirosis')
  const left = await person.context.newPage()
  await left.goto(site.origin)
  await left.locator('.answer').getByText('Leptospirosis').waitFor()

  const begun = await api('sign-in', await cookieOf(person), {})
  await person.context.addCookies([{ ...parseCookie(begun.setCookie), url: site.origin }])
  await page.goto(String(begun['location']))
  await person.signIn('carol')
  await page.getByRole('button', { name: 'Account of Carol Okafor' }).waitFor()
  await left.getByRole('button', { name: 'Account of Carol Okafor' }).waitFor()
  for (const tab of [page, left]) assert.doesNotMatch(await tab.locator('body').innerText(), /Leptospirosis|Fletcher/)
})

test('a sign-in or a permission that was begun in another browser is not taken', async () => {
  await using bob = await visit(browser, site)
  await using stranger = await visit(browser, site)
  await bob.ask('Hello')
  await bob.page.getByLabel('User name').waitFor()
  // The answer to Bob's sign-in arrives in the stranger's browser.
  let answer = ''
  await bob.page.route(`${site.origin}/callback?*`, (route) => {
    answer = route.request().url()
    return route.abort()
  })
  await bob.signIn('bob')
  await bob.page.waitForEvent('requestfailed', (request) => request.url().includes('/callback?'))
  await stranger.page.goto(answer)
  await stranger.page.getByRole('alert').getByText('it began in another browser').waitFor()
  assert.equal((await api('state', await cookieOf(stranger))).person, null)
})

test('a yes counts for the card that asked, from the session that was shown it, with its arguments, and once', async () => {
  await using dana = await visit(browser, site)
  await using carol = await visit(browser, site)
  await dana.arrive('dana', 'Fido’s weight is 21.5 kg now')
  await dana.card('Change a pet profile?').waitFor()
  await carol.arrive('carol', 'How is Misty?')
  const [hers, others] = [await cookieOf(dana), await cookieOf(carol)]
  const card = await waitingCard(hers)
  const yes = (proof: string, cookie: string, more: object = {}) =>
    api(`cards/${card.id}`, cookie, { proof, yes: true, ...more })

  assert.equal((await yes('', hers)).status, 409, 'without proof')
  assert.equal((await yes(`${card.proof?.slice(0, -1)}x`, hers)).status, 409, 'with another proof')
  assert.equal((await yes(card.proof ?? '', others)).status, 409, 'from another session')
  assert.deepEqual(
    site.calls.filter(({ name }) => name === 'update_pet'),
    [],
  )

  const changed = { arguments: { weightKg: 99 }, tool: 'record_vaccination' }
  const answers = await Promise.all([1, 2, 3].map(() => yes(card.proof ?? '', hers, changed)))
  assert.deepEqual(
    answers.map(({ status }) => status).sort((a, b) => a - b),
    [204, 409, 409],
  )
  await dana.card('Vet Assist AI needs another permission').waitFor()
  const made = site.calls.filter(({ name }) => name === 'update_pet')
  assert.deepEqual(
    made.map((one) => one.arguments['weightKg']),
    [21.5],
    'what was shown, and once',
  )
})

test('a card that waited for more than half an hour is not answered any more', async () => {
  await using dana = await visit(browser, site)
  await dana.arrive('dana', 'Fido’s weight is 23 kg now')
  await dana.card('Change a pet profile?').waitFor()
  const before = site.calls.length
  site.pass(31 * 60_000)
  await dana.card('Change a pet profile?').getByRole('button', { name: /^Yes/ }).click()
  await dana.slip('Change a pet profile').getByText('waited for your answer for more than half an hour').waitFor()
  await dana.answer('I could not change the weight.')
  assert.ok(site.calls.slice(before).every(({ name }) => name !== 'update_pet'))
})

test('the page may load files of the app and nothing else, is not framed and not kept', async () => {
  const { headers } = await fetch(site.origin)
  const policy = headers.get('content-security-policy') ?? ''
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"])
    assert.ok(policy.includes(part), part)
  assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/)
  assert.equal(headers.get('cache-control'), 'no-store')
})

test('the API refuses other sites, other names, forms and strangers', async () => {
  await using bob = await visit(browser, site)
  await bob.arrive('bob', 'When is Fido’s next vaccination?')
  const cookie = await cookieOf(bob)
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${site.origin}/api/say`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{"text":"hello"}',
    })
  const own = { origin: site.origin, 'x-vet-assist': '1' }
  assert.equal((await post({ 'x-vet-assist': '1' })).status, 403, 'no origin')
  assert.equal((await post({ origin: site.origin })).status, 403, 'no header')
  assert.equal((await post({ ...own, origin: 'https://evil.example' })).status, 403, 'another origin')
  assert.equal((await post({ ...own, 'sec-fetch-site': 'same-site' })).status, 403, 'another port of this host')
  assert.equal((await post({ ...own, cookie: '' })).status, 401, 'nobody')
  const events = await fetch(`${site.origin}/api/events`, { headers: { cookie, 'sec-fetch-site': 'cross-site' } })
  assert.equal(events.status, 403)
  const { port } = new URL(site.origin)
  const rebound = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(rebound.status, 421, 'another name that leads here')
})

/** In the same browser, at an app that has nothing to do with this one. What comes of it there does not matter. */
async function signInThroughAnotherApp({ context }: Visitor, person: Person): Promise<void> {
  const { issuer, mcpUrl } = site.stack
  const request = { clientId: 'vet-assist-dev', redirectUri: 'http://127.0.0.1:1/callback', resource: mcpUrl }
  const { url } = await authorizationUrl(issuer, { ...request, extra: { prompt: 'login' } })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('User name').fill(person)
  await page.getByLabel('Password').fill(passwordOf(person))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
  await page.close()
}

/** Why each of the person's authorizations for the app at the clinic ended; null for one that lives. */
async function familiesOf(subject: string): Promise<(string | null)[]> {
  const rows = await site.stack.store.unit((db) =>
    db
      .selectFrom('families')
      .select('ended_reason')
      .where('subject_id', '=', subject)
      .where('client_id', '=', 'vet-assist-ai')
      .where('server_id', '!=', '')
      .execute(),
  )
  return rows.map((row) => row.ended_reason)
}

type Answer = Record<string, unknown> & State & { status: number; setCookie: string }

/** Asks the API as the page does; with `body` it posts. */
async function api(path: string, cookie: string, body?: object): Promise<Answer> {
  const response = await fetch(`${site.origin}/api/${path}`, {
    headers: { cookie, origin: site.origin, 'x-vet-assist': '1', 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer = text === '' ? {} : (JSON.parse(text) as object)
  return { ...answer, status: response.status, setCookie: response.headers.getSetCookie()[0] ?? '' } as Answer
}

async function waitingCard(cookie: string): Promise<ToolItem> {
  const { items } = await api('state', cookie)
  const card = items.find((item) => item.kind === 'tool' && item.state === 'asks')
  return card?.kind === 'tool' ? card : assert.fail('no card waits')
}

async function cookieOf({ context }: Visitor): Promise<string> {
  const cookies = await context.cookies(site.origin)
  for (const { httpOnly, sameSite } of cookies) assert.deepEqual([httpOnly, sameSite], [true, 'Lax'])
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

function parseCookie(header: string): { name: string; value: string } {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
  return { name, value }
}
