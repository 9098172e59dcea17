import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredPage } from './answered-page.ts'
import { icon, serveAsset, stylesheet } from './assets.ts'
import { continuePage } from './continue-page.ts'
import { errorView, type ErrorCause } from './error-causes.ts'
import { errorPage } from './error-page.ts'
import { loginPage } from './login-page.ts'
import { pageHeaders } from './page-headers.ts'
import { signedOutPage, signOutConfirmPage } from './sign-out-pages.ts'
import type { LoginView } from './views.ts'

const login: LoginView = { action: '/login', hidden: { request: 'r-1' }, clientName: 'Vet Assist AI' }
const client = { clientName: 'Vet Assist AI' }

const causes: ErrorCause[] = [
  { cause: 'client_unknown' },
  { cause: 'redirect_uri_mismatch', clientName: 'Vet Assist AI' },
  { cause: 'request_malformed' },
  { cause: 'request_expired' },
  { cause: 'other_browser' },
  { cause: 'form_refused' },
  { cause: 'role_missing', serverName: 'VetAssist', roleHint: 'Vet Staff' },
  { cause: 'throttled', seconds: 61 },
  { cause: 'not_found' },
  { cause: 'wrong_method' },
  { cause: 'server_error' },
]

test('no page has script, inline style or anything from another host', () => {
  const pages = [
    loginPage(login),
    answeredPage(client),
    continuePage({ ...client, url: 'https://app.example/cb', redirectHost: 'app.example' }),
    signedOutPage({}),
    signOutConfirmPage({ ...login, person: { name: 'Bob', username: 'bob' } }),
    ...causes.map((cause) => errorPage(errorView(cause, { requestId: 'req_1' }))),
  ]
  for (const page of pages) {
    assert.doesNotMatch(page, /<script|<style| style=| on[a-z]+=|src=|javascript:/iu)
    assert.deepEqual(page.match(/<link [^>]*>/gu), [
      `<link rel="stylesheet" href="${stylesheet.path}" />`,
      `<link rel="icon" type="image/svg+xml" href="${icon.path}" />`,
    ])
  }
})

test('pages may not run script, be framed, be kept, or tell others where a person was', () => {
  assert.deepEqual(pageHeaders(), {
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  })
})

test('the stylesheet is served under a name with its hash, for ever; other paths are not ours', async () => {
  assert.match(stylesheet.path, /^\/assets\/pages-[\w-]{12}\.css$/)
  const response = serveAsset(stylesheet.path)
  assert.equal(response?.headers.get('content-type'), 'text/css; charset=utf-8')
  assert.match(response?.headers.get('cache-control') ?? '', /immutable/)
  assert.equal(await response?.text(), stylesheet.body)
  assert.equal(serveAsset('/assets/pages.css'), undefined)
  assert.equal(serveAsset('/assets/../page-headers.ts'), undefined)
})

test('a failed login says the same whatever was wrong, keeps the name and never the password', () => {
  const page = loginPage({ ...login, username: '<bob>', error: 'invalid_credentials' })
  assert.match(page, /<title>Error: sign in<\/title>/)
  assert.match(page, /User name or password is not right/)
  assert.match(page, /value="&lt;bob&gt;"/)
  assert.match(page, /id="password"[^>]*autofocus[^>]*aria-describedby="sign-in-error"/)
})

test('a throttled login says how long to wait, and never too short', () => {
  const wait = (throttledSeconds: number): string => loginPage({ ...login, error: { throttledSeconds } })
  assert.match(wait(0.2), /Wait 1 second,/)
  assert.match(wait(61), /Wait 2 minutes,/)
  assert.match(wait(3601), /Wait 2 hours,/)
})

test('the continue page carries the redirect exactly and a link for browsers that do not follow it', () => {
  const url = 'https://app.example/cb?code=a&state="><b>;url=x'
  const page = continuePage({ ...client, url, redirectHost: 'app.example' })
  const escaped = 'https://app.example/cb?code=a&amp;state=&quot;&gt;&lt;b&gt;;url=x'
  assert.ok(page.includes(`<meta http-equiv="refresh" content="0; url=${escaped}" />`))
  assert.ok(page.includes(`<a href="${escaped}" rel="noreferrer">`))
})

test('a redirect that a browser would run in our own origin never becomes a page', () => {
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    'JavaScript:x',
    'blob:https://a/b',
    'file:///etc/passwd',
  ]) {
    assert.throws(() => continuePage({ ...client, url, redirectHost: 'x' }), /must not reach the browser/)
  }
  assert.doesNotThrow(() => continuePage({ ...client, url: 'cursor://oauth/callback?code=x', redirectHost: 'cursor:' }))
})

test('every cause of an error has words for what happened and what to do next, its status and the request id', () => {
  for (const cause of causes) {
    const view = errorView(cause, { requestId: 'req_1' })
    const page = errorPage(view)
    assert.ok(view.status >= 400 && view.title && view.what && view.next)
    assert.match(page, /What you can do/)
    assert.match(page, /req_1/)
  }
})

test('a person without the role is told which one, and can take the refusal back to the client', () => {
  const backTo = { url: 'https://app.example/cb?error=access_denied', clientName: 'Vet Assist AI' }
  const page = errorPage(
    errorView({ cause: 'role_missing', serverName: 'VetAssist', roleHint: 'Vet Staff' }, { requestId: 'r', backTo }),
  )
  assert.match(page, /The role Vet Staff does\./)
  assert.match(page, /href="https:\/\/app\.example\/cb\?error=access_denied"/)
})
