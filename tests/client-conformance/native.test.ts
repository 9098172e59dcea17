// CL-13, CL-16, CL-24, CL-27: apps on a person's own machine.
import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { test } from 'node:test'
import { createNativeClient, type NativeClient, type NativeClientOptions, openBrowser } from '@permitry/client/node'
import { done, withCode } from './steps.ts'
import { SERVER, World } from './world.ts'

/** A native app, and what its person's browser was shown. The browser fetches the listener for real. */
function nativeApp(
  world: World,
  options: Partial<NativeClientOptions> = {},
): { client: NativeClient; opened: URL[]; pages: Response[] } {
  const opened: URL[] = []
  const pages: Response[] = []
  const client = createNativeClient({
    name: 'Test app',
    network: world.network,
    dynamicRegistration: true,
    async openBrowser(url) {
      opened.push(new URL(url))
      pages.push(await fetch(world.as.consent(url)))
    },
    ...options,
  })
  return { client, opened, pages }
}

test('CL-13: a native app is answered on loopback, at a port of the moment', async () => {
  const world = new World()
  const { client, opened } = nativeApp(world)
  done(await client.callTool({ server: SERVER }, { name: 'write' }))
  const redirects = opened.map((url) => url.searchParams.get('redirect_uri') ?? '')
  assert.equal(redirects.length, 2, 'the login, and the step-up in the middle of the call')
  for (const redirect of redirects) {
    assert.match(redirect, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    await assert.rejects(fetch(redirect), 'nobody listens any more')
  }
})

test('CL-13: what belongs to no authorization does not end the wait for the person', async () => {
  const world = new World()
  const { client } = nativeApp(world, {
    async openBrowser(url) {
      const callback = world.as.consent(url)
      const listener = callback.split('?')[0] ?? ''
      for (const noise of ['', '?error=access_denied', '?code=x&state=guessed']) await fetch(listener + noise)
      await fetch(callback)
    },
  })
  done(await client.callTool({ server: SERVER }, { name: 'read' }))
})

test('CL-13: nobody listens for a login that could not be begun', async (t) => {
  const world = new World()
  const { client, opened } = nativeApp(world, { dynamicRegistration: false })
  const listening = t.mock.method(Server.prototype, 'listen')
  await assert.rejects(client.connect({ server: SERVER }), withCode('not_registered'))
  const listeners = listening.mock.calls.map(({ this: listener }) => listener as Server)
  assert.deepEqual([listeners.length, opened], [1, []])
  assert.deepEqual(
    listeners.map((listener) => listener.listening),
    [false],
  )
})

test('CL-16: a native app registers as native and as a public client', async () => {
  const world = new World()
  const { client } = nativeApp(world)
  world.as.faults.metadata = (document) => ({ ...document, token_endpoint_auth_methods_supported: ['none'] })
  await client.connect({ server: SERVER }).catch(() => {})
  const { application_type, token_endpoint_auth_method } = world.as.registered[0] ?? {}
  assert.deepEqual([application_type, token_endpoint_auth_method], ['native', 'none'])
})

test('CL-22: a native app opens the browser once for calls that run at the same time', async () => {
  const world = new World()
  const { client, opened } = nativeApp(world)
  const connection = done(await client.connect({ server: SERVER }))
  const outcomes = await Promise.all(['write', 'erase', 'read'].map((name) => connection.callTool({ name })))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['done', 'done', 'done'],
  )
  assert.equal(opened.length, 2)
  // Which of the calls is answered first is nobody's promise.
  assert.deepEqual(opened[1]?.searchParams.get('scope')?.split(' ').toSorted(), ['erase', 'read', 'write'])
})

test('CL-22: a native app does not open the browser again for what was not given', async () => {
  const world = new World()
  world.as.faults.grant = () => ['read']
  const { client, opened } = nativeApp(world)
  const connection = done(await client.connect({ server: SERVER }))
  for (const _ of [1, 2, 3]) {
    const outcome = await connection.callTool({ name: 'write' })
    assert.deepEqual([outcome.status, outcome.status === 'refused' && outcome.reason], ['refused', 'withheld'])
  }
  assert.equal(opened.length, 2, 'the login, and one try')
  world.as.faults.grant = (asked) => asked
  assert.deepEqual(done(await connection.authorize(['write']))?.scopes, ['read', 'write'])
  done(await connection.callTool({ name: 'write' }))
})

test('CL-22: a person who is asked first and says no is not sent anywhere', async () => {
  const world = new World()
  const { client, opened } = nativeApp(world, { onStepUp: ({ missing }) => !missing.includes('erase') })
  const connection = done(await client.connect({ server: SERVER }))
  const outcome = await connection.callTool({ name: 'erase' })
  assert.deepEqual([outcome.status, outcome.status === 'refused' && outcome.reason], ['refused', 'declined'])
  assert.equal(opened.length, 1)
  done(await connection.callTool({ name: 'write' }))
})

test('CL-24: the browser is opened for http and https only', async () => {
  for (const address of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'vbscript:x', 'ms-settings:'])
    await assert.rejects(openBrowser(address), withCode('address_refused'), address)
})

test('CL-27: the page that ends a login runs no script and shows nothing of what came', async () => {
  const world = new World()
  const { client, pages } = nativeApp(world)
  done(await client.connect({ server: SERVER }))
  const [page] = pages
  assert.match(page?.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.doesNotMatch((await page?.text()) ?? '', /<script|code|state/)
})
