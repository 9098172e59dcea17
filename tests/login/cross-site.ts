// What only a real browser does: hold cookies back from forms of other sites, and say where a form comes from.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { authorizationUrl, launchChromium, passwordOf, startStack, type Stack } from '@permitry/testkit'

type Chromium = Awaited<ReturnType<typeof launchChromium>>
type Tab = Awaited<ReturnType<Chromium['newPage']>>

let stack: Stack
let chromium: Chromium
let otherSite: Site
let client: Site
before(async () => {
  stack = await startStack()
  chromium = await launchChromium()
  otherSite = await listen('localhost', formTo)
  client = await listen('127.0.0.1', () => 'the client')
})
after(async () => {
  await chromium.close()
  otherSite.server.close()
  client.server.close()
  await stack.close()
})

interface Site {
  readonly server: Server
  readonly origin: string
}

async function listen(host: string, page: (query: URLSearchParams) => string): Promise<Site> {
  const server = createServer((incoming, outgoing) => {
    outgoing.setHeader('content-type', 'text/html')
    outgoing.end(page(new URL(incoming.url ?? '', 'http://localhost').searchParams))
  }).listen(0, host)
  await once(server, 'listening')
  return { server, origin: `http://${host}:${(server.address() as AddressInfo).port}` }
}

/** A page of another site (`localhost` beside our `127.0.0.1`) with a form that posts to us. */
function formTo(query: URLSearchParams): string {
  const fields = [...query].map(([name, value]) => `<input name="${name}" value="${value}">`)
  return `<form method="post" action="${query.get('action') ?? ''}">${fields.join('')}<button>Go</button></form>`
}

async function postFromOtherSite(tab: Tab, action: string, fields: Record<string, string>): Promise<void> {
  const query = new URLSearchParams({ action, ...fields })
  await tab.goto(`${otherSite.origin}/?${query.toString()}`)
  await tab.getByRole('button', { name: 'Go' }).click()
  await tab.waitForURL((url) => url.hostname === '127.0.0.1')
}

async function signedInTab(): Promise<Tab> {
  const tab = await chromium.newPage()
  tab.setDefaultTimeout(60_000)
  await tab.goto((await authorizationUrl(stack.issuer, request())).url)
  await tab.getByLabel('User name').fill('bob')
  await tab.getByLabel('Password').fill(passwordOf('bob'))
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByRole('button', { name: 'Allow' }).waitFor()
  return tab
}

const request = () => ({ clientId: 'vet-assist-dev', redirectUri: `${client.origin}/callback`, resource: stack.mcpUrl })

test('an authorization request that another site posts finds the session of the person', async () => {
  const tab = await signedInTab()
  const { url } = await authorizationUrl(stack.issuer, { ...request(), extra: { prompt: 'none' } })
  await postFromOtherSite(tab, `${stack.issuer}/authorize`, Object.fromEntries(new URL(url).searchParams))
  await tab.waitForURL(`${client.origin}/callback?**`)
  assert.equal(new URL(tab.url()).searchParams.get('error'), 'consent_required')
  await tab.close()
})

test('a logout that another site posts finds the session too, and asks', async () => {
  const tab = await signedInTab()
  await postFromOtherSite(tab, `${stack.issuer}/logout`, {})
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByText('You are signed out').waitFor()
  await tab.close()
})

test('a login form and an answer that another site posts are refused', async () => {
  const tab = await signedInTab()
  const consent = new URL(tab.url())
  const proved = Object.fromEntries(consent.searchParams)
  await postFromOtherSite(tab, `${stack.issuer}/consent`, { ...proved, decision: 'allow', scope: 'pet-profile:read' })
  assert.match((await tab.textContent('h1')) ?? '', /This form was not accepted/)
  await postFromOtherSite(tab, `${stack.issuer}/login`, { ...proved, username: 'bob', password: passwordOf('bob') })
  assert.match((await tab.textContent('h1')) ?? '', /This form was not accepted/)
  await tab.close()
})

test('the back button leads from the consent page to itself, where it can be answered', async () => {
  const tab = await signedInTab()
  await tab.goBack()
  await tab.getByRole('button', { name: 'Allow' }).click()
  await tab.waitForURL(`${client.origin}/callback?code=**`)
  await tab.close()
})
