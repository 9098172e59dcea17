import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorizationUrl,
  Browser,
  type Page,
  passwordOf,
  type Person,
  startStack,
  type Stack,
} from '@permitry/testkit'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now, trustedProxies: ['127.0.0.1'] })))
after(() => stack.close())

/** A browser that reaches us through a trusted proxy from the address that it is given. */
function browserAt(address: string): Browser {
  return new Browser((request) => {
    request.headers.set('x-forwarded-for', address)
    return fetch(request)
  })
}

async function openLogin(browser: Browser): Promise<Page> {
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: 'vet-assist-dev',
    redirectUri: 'http://127.0.0.1:5555/callback',
    resource: stack.mcpUrl,
    extra: { prompt: 'login' },
  })
  return browser.open(url)
}

const isLoginPage = (page: Page): boolean => page.url === `${stack.issuer}/login`
const isSignedIn = (page: Page): boolean => page.url.startsWith(`${stack.issuer}/consent?`)

async function guess(browser: Browser, username: string, times: number): Promise<Page[]> {
  const login = await openLogin(browser)
  const pages: Page[] = []
  for (let i = 0; i < times; i++) pages.push(await browser.submit(login, { username, password: `guess ${i}` }))
  assert.ok(pages.every(isLoginPage))
  return pages
}

async function signInAt(browser: Browser, person: Person): Promise<Page> {
  return browser.submit(await openLogin(browser), { username: person, password: passwordOf(person) })
}

/** Throttling lasts; each test begins a week later. */
const nextWeek = (): void => void (now += 7 * 24 * 3_600_000)

test('50 parallel guesses get ten tries, and the others learn nothing, not even the one that is right', async () => {
  nextWeek()
  const browser = browserAt('203.0.113.1')
  const login = await openLogin(browser)
  for (let i = 0; i < 9; i++) await browser.submit(login, { username: 'carol', password: `guess ${i}` })
  const pages = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      browser.submit(login, { username: 'carol', password: i < 2 ? `guess ${i}` : passwordOf('carol') }),
    ),
  )
  const statuses = pages.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 429).length, 49)
  assert.equal(new Set(pages.filter(({ status }) => status === 429).map(({ text }) => text)).size, 1)
})

test('the wait is told, lets nobody in, ends by itself, and doubles with the next failure', async () => {
  nextWeek()
  const browser = browserAt('203.0.113.2')
  const login = await openLogin(browser)
  await guess(browser, 'carol', 10)
  const early = await browser.submit(login, { username: 'carol', password: passwordOf('carol') })
  assert.deepEqual([early.status, early.headers.get('retry-after')], [429, '1'])
  assert.match(early.text, /Wait 1 second, then try again/)
  now += 1000
  const failed = await browser.submit(login, { username: 'carol', password: 'wrong' })
  assert.equal(failed.status, 200)
  const next = await browser.submit(login, { username: 'carol', password: 'wrong' })
  assert.equal(next.headers.get('retry-after'), '2')
  now += 2000
  assert.ok(isSignedIn(await browser.submit(login, { username: 'carol', password: passwordOf('carol') })))
})

test('strangers cannot lock Bob out of the browser in which he has signed in before', async () => {
  nextWeek()
  const bobs = browserAt('198.51.100.7')
  assert.ok(isSignedIn(await signInAt(bobs, 'bob')))
  now += 1
  await guess(browserAt('203.0.113.3'), 'bob', 15)
  assert.equal((await signInAt(browserAt('203.0.113.3'), 'bob')).status, 429)
  assert.ok(isSignedIn(await signInAt(bobs, 'bob')))
})

test('the device cookie of one person opens no tries on another', async () => {
  nextWeek()
  const carols = browserAt('203.0.113.4')
  assert.ok(isSignedIn(await signInAt(carols, 'carol')))
  now += 1
  await guess(browserAt('203.0.113.5'), 'bob', 10)
  assert.equal((await guess(carols, 'bob', 1))[0]?.status, 429)
})

test('a name that nobody has is answered like one that somebody has, letter for letter, before and during the wait', async () => {
  nextWeek()
  const [known, unknown] = [browserAt('203.0.113.6'), browserAt('203.0.113.8')]
  const [knownPages, unknownPages] = [await guess(known, 'dana', 12), await guess(unknown, 'nila', 12)]
  for (const [i, page] of knownPages.entries()) {
    const other = unknownPages[i]
    assert.equal(page.status, i < 10 ? 200 : 429)
    assert.equal(other?.status, page.status)
    assert.equal(withoutSecrets(other), withoutSecrets(page).replaceAll('dana', 'nila'))
    assert.deepEqual(headersOf(other), headersOf(page))
  }
})

test('an address that a client writes into the header itself does not count', async () => {
  nextWeek()
  const rows = async (): Promise<number> =>
    (await stack.store.read((db) => db.selectFrom('login_failures').where('last_at', '=', now).selectAll().execute()))
      .length
  await guess(browserAt('203.0.113.10'), 'first', 1)
  assert.equal(await rows(), 2)
  await guess(browserAt('192.0.2.1, 203.0.113.10'), 'second', 1)
  assert.equal(await rows(), 3, 'the same address, though the client claims another')
  await guess(browserAt('203.0.113.11'), 'third', 1)
  assert.equal(await rows(), 5)
})

function withoutSecrets(page: Page | undefined): string {
  return (page?.text ?? '').replaceAll(/value="[\w-]{20,}"/g, 'value=""')
}

function headersOf(page: Page | undefined): (readonly [string, string])[] {
  return [...(page?.headers ?? [])].filter(([name]) => name !== 'date')
}
