import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  authorizationUrl,
  Browser,
  listen,
  type Listening,
  type Page,
  signIn,
  startStack,
  type Stack,
} from '@permitry/testkit'

const CALLBACK = 'https://client.example/callback'
const PICTURE = readFileSync(new URL('../../docs/images/consent.png', import.meta.url))

let stack: Stack
let stranger: Listening
let asked: string[] = []
const bob = new Browser()
before(async () => {
  ;[stack, stranger] = await Promise.all([startStack(), listen()])
  stranger.serve((request) => {
    const { pathname } = new URL(request.url)
    asked.push(pathname)
    switch (pathname) {
      case '/logo.png':
        return new Response(PICTURE.subarray(), { headers: { 'content-type': 'image/png' } })
      case '/logo.svg':
        return new Response('<svg xmlns="http://www.w3.org/2000/svg"/>', {
          headers: { 'content-type': 'image/svg+xml' },
        })
      case '/redirect.png':
        return new Response(null, { status: 302, headers: { location: '/logo.png' } })
      case '/slow.png':
        return new Promise<Response>(() => {})
      default:
        return new Response('gone', { status: 404 })
    }
  })
})
after(() => Promise.all([stack.close(), stranger.close()]))

async function register(logo: string, at = stack.origin): Promise<string> {
  const response = await fetch(`${at}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: `Client of ${logo}`,
      redirect_uris: [CALLBACK],
      logo_uri: new URL(logo, stranger.origin),
    }),
  })
  const body = (await response.json()) as { client_id: string }
  assert.equal(response.status, 201, JSON.stringify(body))
  asked = []
  return body.client_id
}

/** Opens the consent page of a client in a browser in which Bob has signed in, or does so now. */
async function consentPageOf(clientId: string, { issuer, mcpUrl } = stack, browser = bob): Promise<Page> {
  const { url } = await authorizationUrl(issuer, { clientId, redirectUri: CALLBACK, resource: mcpUrl })
  const opened = await browser.open(url)
  const page = opened.url.startsWith(`${issuer}/login?`) ? await signIn(browser, opened, 'bob') : opened
  assert.ok(page.url.startsWith(`${issuer}/consent?`), page.text)
  return page
}

const logoOf = ({ text }: Page): string | undefined => /<img src="([^"]*)" alt="" class="logo"/.exec(text)?.[1]

/** The first page may come before the picture is drawn. */
async function logoAfterAWhile(clientId: string): Promise<string | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const logo = logoOf(await consentPageOf(clientId))
    if (logo !== undefined) return logo
  }
  return undefined
}

test('AS-149: the logo of a client is fetched once, drawn anew and served by us, beside the words that nobody checked it', async () => {
  const clientId = await register('/logo.png')
  const logo = await logoAfterAWhile(clientId)
  const page = await consentPageOf(clientId)
  assert.equal(logoOf(page), logo)
  assert.deepEqual(asked, ['/logo.png'])
  assert.match(page.text, /class="logo" \/> <bdi>Client of \/logo\.png<\/bdi> <span class="tag caution">Not verified/)
  assert.ok(!page.text.includes(stranger.origin), 'no browser is sent to the host of a stranger')

  const picture = await fetch(new URL(logo ?? '', page.url))
  assert.equal(picture.status, 200)
  const { headers } = picture
  assert.deepEqual(
    ['content-type', 'cache-control', 'x-content-type-options', 'content-security-policy', 'referrer-policy'].map(
      (name) => headers.get(name),
    ),
    ['image/png', 'public, max-age=31536000, immutable', 'nosniff', "default-src 'none'; sandbox", 'no-referrer'],
  )
  const png = Buffer.from(await picture.arrayBuffer())
  assert.ok(!png.equals(PICTURE))
  assert.equal(Math.max(png.readUInt32BE(16), png.readUInt32BE(20)), 128)
})

test('AS-149: a logo that is gone, an SVG, elsewhere or never comes fails no login', async () => {
  for (const logo of ['/gone.png', '/logo.svg', '/redirect.png', '/slow.png']) {
    const clientId = await register(logo)
    for (const _ of [1, 2]) {
      const page = await consentPageOf(clientId)
      assert.equal(page.status, 200)
      assert.equal(logoOf(page), undefined, logo)
    }
    assert.deepEqual(asked, [logo])
  }
})

test('AS-149: a picture that is not there, or asked for by another name, is not found', async () => {
  for (const file of ['x.png', `${'a'.repeat(43)}.png`, `${'a'.repeat(43)}.svg`, '..%2f..%2fassets'])
    assert.equal((await fetch(`${stack.issuer}/logos/${file}`)).status, 404, file)
})

test('AS-35: a server that does not run on loopback itself is led there by no spelling of it', async (t) => {
  const ISSUER = 'https://auth.example.com'
  const stack = await startStack({ issuer: ISSUER })
  t.after(() => stack.close())
  const { port } = new URL(stranger.origin)
  const browser = new Browser((request) => fetch(new Request(request.url.replace(ISSUER, stack.origin), request)))
  for (const host of ['localhost', '127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', 'a.localhost'])
    for (const scheme of ['http', 'https']) {
      const clientId = await register(`${scheme}://${host}:${port}/logo.png`, stack.origin)
      assert.equal(logoOf(await consentPageOf(clientId, stack, browser)), undefined)
      assert.deepEqual(asked, [], `${scheme}://${host}`)
    }
})
