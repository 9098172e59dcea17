import { consentPage, continuePage, loginPage, pageHeaders } from '@permitry/server/html'
import { launchChromium } from '@permitry/testkit'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { consent, login } from './samples.ts'
import { listen, servePages, type PageRequest, type Site } from './site.ts'

let browser: Browser
let client: Site
let site: Site
let posted: URLSearchParams[] = []

before(async () => {
  browser = await launchChromium()
  client = await listen((_, response) => response.end('<title>Back at the client</title>'))
  site = await servePages(respond)
})

after(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await client?.[Symbol.asyncDispose]()
})

function respond({ method, path, form }: PageRequest): string | undefined {
  if (method === 'POST') {
    posted.push(form)
    const redirectHost = new URL(client.origin).host
    return continuePage({
      url: `${client.origin}/callback?code=a%22b&state=x`,
      clientName: 'Vet Assist AI',
      redirectHost,
    })
  }
  if (path === '/login') return loginPage(login)
  if (path === '/login-wrong') return loginPage({ ...login, username: 'bob', error: 'invalid_credentials' })
  return path === '/consent' ? consentPage(consent) : undefined
}

/** A page in a context of its own, without script unless the test itself needs it. */
async function open(path: string, javaScriptEnabled = false) {
  posted = []
  const context = await browser.newContext({ javaScriptEnabled })
  const page = await context.newPage()
  await page.goto(`${site.origin}${path}`)
  return { page, [Symbol.asyncDispose]: () => context.close() }
}

/** What has the focus, as a person with a screen reader would hear it. */
async function focused(page: Page): Promise<string> {
  const snapshot = await page.locator(':focus').ariaSnapshot()
  return snapshot.split('\n')[0] ?? ''
}

test('signing in needs a keyboard and no script: name, Tab, password, Enter', async () => {
  await using opened = await open('/login')
  const { page } = opened
  assert.equal(await focused(page), '- textbox "User name"')
  await page.keyboard.type('bob')
  await page.keyboard.press('Tab')
  assert.equal(await focused(page), '- textbox "Password"')
  await page.keyboard.type('correct horse')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${client.origin}/callback**`)
  assert.deepEqual(posted.map(Object.fromEntries), [
    { request: 'r-1', seal: 's-1', username: 'bob', password: 'correct horse' },
  ])
})

test('after a wrong password the focus is in the password field, which the error describes', async () => {
  await using opened = await open('/login-wrong')
  const { page } = opened
  assert.match(await page.title(), /^Error: /)
  assert.equal(await focused(page), '- textbox "Password"')
  assert.equal(await page.getByLabel('User name').inputValue(), 'bob')
  await page.getByRole('link', { name: 'Check both and try again' }).press('Enter')
  assert.equal(new URL(page.url()).hash, '#password')
})

test('the keyboard reaches everything on the consent page in reading order, each with a visible focus', async () => {
  await using opened = await open('/consent')
  const { page } = opened
  const stops: string[] = []
  do {
    await page.keyboard.press('Tab')
    stops.push(await focused(page))
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineWidth')
    assert.ok(Number.parseFloat(outline) >= 2, stops.at(-1) ?? '')
  } while (stops.at(-1) !== '- button "Allow"')
  assert.deepEqual(stops, [
    '- link "Not you?":',
    '- checkbox "See pet profiles" [checked]',
    '- checkbox "Book and move appointments" [checked]',
    '- checkbox "Set and delete reminders" [checked]',
    '- link "your account":',
    '- button "Deny"',
    '- button "Allow"',
  ])
})

test('Enter anywhere in the consent form denies', async () => {
  await using opened = await open('/consent')
  const { page } = opened
  await page.getByLabel('See pet profiles').press('Enter')
  await page.waitForURL(`${client.origin}/callback**`)
  assert.equal(posted[0]?.get('decision'), 'deny')
})

test('what was unticked is not sent, and nothing else is lost', async () => {
  await using opened = await open('/consent')
  const { page } = opened
  await page.getByText('Book and move appointments').click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(`${client.origin}/callback**`)
  assert.equal(posted[0]?.get('decision'), 'allow')
  assert.deepEqual(posted[0]?.getAll('scope'), ['pet-profile:read', 'reminders:manage'])
  assert.equal(posted[0]?.get('seal'), 's-1')
})

test('a click that began before the page was there does not answer it', async () => {
  await using opened = await open('/login', true)
  const { page } = opened
  // Time stands still at the moment when the page appears, however slow this machine is.
  const session = await page.context().newCDPSession(page)
  await session.send('Animation.enable')
  await session.send('Animation.setPlaybackRate', { playbackRate: 0 })
  await page.goto(`${site.origin}/consent`)
  const button = page.getByRole('button', { name: 'Allow' })
  await button.scrollIntoViewIfNeeded()
  const allow = await button.boundingBox()
  assert.ok(allow)
  await page.mouse.click(allow.x + 5, allow.y + 5)
  assert.equal(page.url(), `${site.origin}/consent`)
  assert.deepEqual(posted, [])
  await session.send('Animation.setPlaybackRate', { playbackRate: 1 })
  await button.click()
  await page.waitForURL(`${client.origin}/callback**`)
  assert.equal(posted.length, 1)
})

for (const javaScriptEnabled of [true, false]) {
  test(`an answer leaves for another origin ${javaScriptEnabled ? 'with' : 'without'} script, and Back does not send it again`, async () => {
    await using opened = await open('/consent', javaScriptEnabled)
    const { page } = opened
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${client.origin}/callback**`)
    assert.equal(page.url(), `${client.origin}/callback?code=a%22b&state=x`)
    await page.goBack()
    assert.equal(page.url(), `${site.origin}/consent`)
    assert.equal(posted.length, 1)
  })
}

test('a plain redirect after the form is stopped by the browser, which is why there is a page in between', async () => {
  const headers = { ...pageHeaders(), 'Content-Type': 'text/html' }
  await using redirecting = await listen((request, response) => {
    if (request.method === 'POST') response.writeHead(303, { Location: `${client.origin}/callback` }).end()
    else response.writeHead(200, headers).end('<form method="post"><button>Go</button></form>')
  })
  await using opened = await open('/login')
  const { page } = opened
  await page.goto(redirecting.origin)
  const refused = page.waitForEvent('console', (message) => message.text().includes('form-action'))
  await page.getByRole('button').click()
  await refused
  assert.equal(page.url(), `${redirecting.origin}/`)
})

test('no other page can put these pages into a frame', async () => {
  await using framing = await listen((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(`<iframe src="${site.origin}/login"></iframe>`)
  })
  await using opened = await open('/login')
  const { page } = opened
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
  await page.goto(framing.origin)
  await refused
  assert.equal(await page.frameLocator('iframe').getByLabel('Password').count(), 0)
})
