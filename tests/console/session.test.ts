// The console's backend-for-frontend, attacked: whoever is not the console's own script in the browser that signed in gets nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, signIn, startStack, type Stack } from '@permitry/testkit'
import { atConsole, makeOwner, visitorOf } from './visitor.ts'

const MINUTE = 60_000
let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => {
  stack = await startStack({ now: () => now, tenants: ['other'] })
  await makeOwner(stack)
})
after(() => stack.close())

type Who = { subject: { id: string }; scopes: string[]; auth_time: number }

test('who signs in is known with their scopes, and no token reaches the browser', async () => {
  const admin = await atConsole(stack, 'admin')
  const response = await admin.ask('/api/session')
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const text = await response.text()
  const who = JSON.parse(text) as Who
  assert.equal(who.subject.id, 'usr_admin')
  assert.ok(who.scopes.includes('roles:write'))
  assert.doesNotMatch(text + admin.browser.cookies(stack.issuer), /eyJ/)
})

test('what is stored for a browser is its secret as a hash and its tokens sealed', async () => {
  await atConsole(stack, 'admin')
  const rows = await stack.store.read((db) => db.selectFrom('console_sessions').selectAll().execute())
  assert.ok(rows.length > 0)
  for (const row of rows) {
    assert.match(row.tokens_sealed, /^v1\./)
    assert.doesNotMatch(JSON.stringify(row), /eyJ/)
  }
})

test('a request of another site, without the header of the console or with another origin is refused', async () => {
  const admin = await atConsole(stack, 'admin')
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'permitry-console': '' },
    { 'permitry-console': 'true' },
  ]) {
    for (const [method, path] of [
      ['GET', '/api/session'],
      ['GET', '/api/v1/roles'],
      ['DELETE', '/api/v1/roles/pet-owner'],
      ['POST', '/logout'],
    ] as const) {
      const response = await admin.ask(path, { method, headers })
      assert.equal(response.status, 403, `${method} ${path} ${JSON.stringify(headers)}`)
    }
  }
  assert.equal((await admin.ask('/api/session', { headers: { origin: stack.issuer } })).status, 200)
})

test('the API of the console has no cross-origin access, and its cookie is strict and unreadable', async () => {
  const browser = new Browser()
  const cookies: string[] = []
  const watching = new Browser(async (request) => {
    const response = await fetch(request)
    cookies.push(...response.headers.getSetCookie())
    return response
  })
  const page = await signIn(watching, await watching.open(`${stack.issuer}/console/login`), 'admin')
  if (page.url.includes('/consent?')) await watching.submit(page, { decision: 'allow' })
  const [cookie = ''] = cookies.filter((line) => line.startsWith('permitry_console_') && !line.includes('login'))
  assert.match(cookie, /; HttpOnly/)
  assert.match(cookie, /; SameSite=Strict/)
  const preflight = await visitorOf(stack.issuer, browser).ask('/api/v1/roles', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT' },
  })
  assert.equal(preflight.headers.get('access-control-allow-origin'), null)
})

test('a code and state that another browser was given begin nothing', async () => {
  const attacker = new Browser()
  const signedIn = await signIn(attacker, await attacker.open(`${stack.issuer}/console/login`), 'admin')
  assert.equal(signedIn.url, `${stack.issuer}/console`)
  // Signed in already, a further login goes straight through; its last redirect is caught before it is followed.
  let stolen = ''
  const caught = new Browser(async (request) => {
    request.headers.set('cookie', attacker.cookies(stack.issuer))
    const response = await fetch(request)
    const location = response.headers.get('location') ?? ''
    if (location.includes('/console/callback?')) stolen = location
    return location.includes('/console/callback?') ? new Response('caught') : response
  })
  await caught.open(`${stack.issuer}/console/login`)
  assert.match(stolen, /code=/)

  const victim = new Browser()
  const page = await victim.open(stolen)
  assert.equal(page.status, 400)
  assert.match(page.text, /This sign-in was not finished here/)
  assert.equal((await visitorOf(stack.issuer, victim).ask('/api/session')).status, 401)

  // Also not where the victim has a sign-in of its own under way.
  await victim.open(`${stack.issuer}/console/login`)
  assert.equal((await victim.open(stolen)).status, 400)
  assert.equal((await visitorOf(stack.issuer, victim).ask('/api/session')).status, 401)
})

test('an address of another origin to come back to is not followed', async () => {
  const { browser } = await atConsole(stack, 'admin')
  for (const wanted of [
    'https://evil.example/',
    '//evil.example/console',
    '/\\evil.example/console',
    '/console/../login',
    '/console/login',
    '/console/api/session',
    '/consoles',
    '/t/other/console/roles',
    'javascript:alert(1)',
    '/\t/evil.example',
  ]) {
    const login = `${stack.issuer}/console/login?${new URLSearchParams({ return_to: wanted }).toString()}`
    assert.equal((await browser.open(login)).url, `${stack.issuer}/console`, wanted)
  }
  const login = `${stack.issuer}/console/login?return_to=${encodeURIComponent('/console/roles?q=a')}`
  assert.equal((await browser.open(login)).url, `${stack.issuer}/console/roles?q=a`, 'a page of the console is')
})

test('a session of one tenant opens nothing at another', async () => {
  const admin = await atConsole(stack, 'admin')
  const [, secret = ''] = /permitry_console_\d+=([^;]+)/.exec(admin.browser.cookies(stack.issuer)) ?? []
  assert.notEqual(secret, '')
  const { port } = new URL(stack.issuer)
  const other = visitorOf(`${stack.issuer}/t/other`, admin.browser, `permitry_console_${port}_other=${secret}`)
  assert.equal((await other.ask('/api/session')).status, 401)
  assert.equal((await other.ask('/api/v1/roles')).status, 401)
})

test('after signing out the cookie opens nothing, and the login has ended', async () => {
  const admin = await atConsole(stack, 'admin')
  const cookie = admin.browser.cookies(stack.issuer)
  assert.equal((await admin.ask('/logout', { method: 'POST' })).status, 204)
  assert.equal((await visitorOf(stack.issuer, admin.browser, cookie).ask('/api/session')).status, 401)
  const page = await admin.browser.open(`${stack.issuer}/console/login`)
  assert.match(page.url, /\/login\?/)
})

test('the end of the login session ends the console', async () => {
  const admin = await atConsole(stack, 'admin')
  await stack.store.unit((db) =>
    db.updateTable('sessions').set({ ended_at: now }).where('subject_id', '=', 'usr_admin').execute(),
  )
  assert.equal((await admin.ask('/api/session')).status, 401)
})

test('the end of its family, the suspension of the person and eight hours end it too', async () => {
  for (const end of [
    () => stack.store.unit((db) => db.updateTable('families').set({ ended_at: now }).execute()),
    () =>
      stack.store.unit((db) =>
        db.updateTable('subjects').set({ status: 'suspended' }).where('id', '=', 'usr_admin').execute(),
      ),
    async () => void (now += 8 * 60 * MINUTE + 1),
  ]) {
    const admin = await atConsole(stack, 'admin')
    assert.equal((await admin.ask('/api/session')).status, 200)
    await end()
    assert.equal((await admin.ask('/api/session')).status, 401)
    await stack.store.unit((db) => db.updateTable('subjects').set({ status: 'active' }).execute())
  }
})

test('two tabs that need fresh tokens at once both get an answer, and the tokens are refreshed once', async () => {
  const admin = await atConsole(stack, 'admin')
  const refreshed = async () =>
    (await stack.store.read((db) => db.selectFrom('refresh_tokens').selectAll().execute())).length
  const before = await refreshed()
  now += 5 * MINUTE
  const answers = await Promise.all(Array.from({ length: 6 }, () => admin.ask('/api/session')))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(await refreshed(), before + 1)
})

test('a request for a fresh login asks for the password again, and leaves one session', async () => {
  const admin = await atConsole(stack, 'admin')
  const before = (await (await admin.ask('/api/session')).json()) as Who
  now += 16 * MINUTE
  const page = await admin.browser.open(`${stack.issuer}/console/login?max_age=900&return_to=/console/roles`)
  assert.match(page.url, /\/login\?/)
  const landed = await signIn(admin.browser, page, 'admin')
  assert.equal(landed.url, `${stack.issuer}/console/roles`)
  const after = (await (await admin.ask('/api/session')).json()) as Who
  assert.ok(after.auth_time > before.auth_time)
})

test('somebody who administers nothing is told so, and has no session', async () => {
  const browser = new Browser()
  const page = await signIn(browser, await browser.open(`${stack.issuer}/console/login`), 'bob')
  assert.equal(page.status, 403)
  const [, back = ''] = /href="([^"]*\/console\/callback\?[^"]*)"/.exec(page.text) ?? []
  const denied = await browser.open(back.replaceAll('&amp;', '&'))
  assert.equal(denied.status, 403)
  assert.match(denied.text, /does not administer anything here/)
  assert.equal((await visitorOf(stack.issuer, browser).ask('/api/session')).status, 401)
})

test('no other client gets a token for the admin API by asking for it, and none of the console reaches another server', async () => {
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: 'vet-assist-dev',
    redirectUri: 'http://127.0.0.1/callback',
    scope: 'roles:write',
    extra: { resource: `${stack.issuer}/admin` },
  })
  const page = await new Browser().open(url)
  assert.match(page.url + page.text, /invalid_target|invalid_scope|unauthorized_client/)
})
