import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Browser, type Page, VET_ASSIST } from '@permitry/testkit'
import { authorizeAs, codeFor, conformanceStack, encode, requestOf, signIn, STATE, tokensFor } from './harness.ts'
import { CALLBACK } from './parties.ts'

const server = conformanceStack()

async function openAt(browser: Browser, clientId: string, changes = {}): Promise<Page> {
  return browser.open(`${server().issuer}/authorize?${encode(requestOf(clientId, changes)).toString()}`)
}

/** Texts and links of a page without its markup. */
const textOf = (page: Page): string => page.text.replaceAll(/<style.*?<\/style>|<[^>]*>/gs, ' ').replaceAll(/\s+/g, ' ')

test('AS-18: the consent page shows the host of the redirect URI, of the one that is used', async () => {
  const browser = new Browser()
  let page = await signIn(browser, await openAt(browser, 'exact'), 'bob')
  assert.match(textOf(page), /app\.example\.com/)
  page = await openAt(browser, 'exact', { redirect_uri: 'http://localhost:9402/callback' })
  assert.match(textOf(page), /localhost:9402/)
  assert.doesNotMatch(textOf(page), /app\.example\.com/)
  page = await openAt(browser, 'editor', { redirect_uri: 'cursor://anysphere.cursor/oauth' })
  assert.match(textOf(page), /cursor:/)
})

test('AS-19: a redirect to the own machine has a warning that one to a website has not', async () => {
  const browser = new Browser()
  const website = textOf(await signIn(browser, await openAt(browser, 'exact'), 'bob'))
  const machine = textOf(await openAt(browser, 'vet-assist-dev', { redirect_uri: 'http://127.0.0.1:5000/callback' }))
  const warning = /returns to a program on/i
  assert.match(machine, warning)
  assert.doesNotMatch(website, warning)
})

test('AS-60, AS-62: no page of the way can be framed, run script, send a referrer or load from elsewhere', async () => {
  const browser = new Browser()
  const login = await openAt(browser, 'exact')
  const consent = await signIn(browser, login, 'bob')
  const error = await openAt(browser, 'nobody')
  const answered = await browser.submit(consent, { decision: 'allow' })
  for (const page of [login, consent, error, answered]) {
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /frame-ancestors 'none'/, page.url)
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /script-src|unsafe-|\*|https?:/)
    assert.equal(page.headers.get('x-frame-options'), 'DENY')
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    assert.match(page.headers.get('cache-control') ?? '', /no-store/)
    assert.doesNotMatch(page.text, /<script|<iframe|\son\w+="|<(?:img|link|source)[^>]+(?:src|href)="(?:https?:)?\/\//i)
  }
})

test('AS-52, AS-53: what a form posts is answered by a page or a 303, never by a 307 or 308', async () => {
  const { issuer } = server()
  const statuses: number[] = []
  const browser = new Browser(async (request) => {
    const response = await fetch(request)
    if (request.method === 'POST') statuses.push(response.status)
    return response
  })
  await authorizeAs('bob', issuer, requestOf('exact', { prompt: 'login consent' }), { browser })
  await authorizeAs('bob', issuer, requestOf('exact', { prompt: 'login consent' }), { browser, decision: 'deny' })
  assert.ok(statuses.length >= 4)
  for (const status of statuses) assert.ok([200, 303].includes(status), String(status))
})

test('AS-53, AS-28: addresses that are smuggled into forms and links lead nowhere', async () => {
  const { issuer } = server()
  const evil = 'https://evil.example/'
  const browser = new Browser()
  const login = await openAt(browser, 'exact')
  const smuggled = {
    redirect_uri: evil,
    return_to: evil,
    next: evil,
    url: evil,
    continue: evil,
    post_logout_redirect_uri: evil,
  }
  const consent = await browser.submit(login, { username: 'bob', password: 'bob-vet-demo', ...smuggled })
  assert.ok(consent.url.startsWith(`${issuer}/consent?`), consent.url)
  const answered = await browser.submit(consent, { decision: 'allow', ...smuggled })
  assert.ok(answered.url.startsWith(`${CALLBACK}?code=`), answered.url)
  assert.doesNotMatch(answered.text, /evil/)
})

test('AS-53, AS-27: a link to a step that is passed to another browser goes nowhere, and neither does a forged form', async () => {
  const { issuer } = server()
  const attacker = new Browser()
  const login = await openAt(attacker, 'exact')
  const victim = new Browser()
  assert.equal((await victim.open(login.url)).status, 403)
  const consent = await signIn(attacker, login, 'bob')
  assert.equal((await victim.open(consent.url)).status, 403)

  await authorizeAs('dana', issuer, requestOf('exact'), { browser: victim })
  assert.equal((await victim.open(consent.url)).status, 403)
  const crossSite = await victim.submit(consent, { decision: 'allow' })
  assert.equal(crossSite.status, 403)
  const forged = consent.forms[0]
  assert.ok(forged)
  const proofless = {
    ...forged,
    fields: forged.fields.map((field) => (field.name === 'proof' ? { ...field, value: 'A'.repeat(43) } : field)),
  }
  assert.equal((await attacker.submit(consent, { decision: 'allow' }, proofless)).status, 403)
  // the login's proof does not open the consent
  const loginProof = login.forms[0]?.fields.find(({ name }) => name === 'proof')?.value ?? ''
  assert.equal((await attacker.submit(consent, { decision: 'allow', proof: loginProof })).status, 403)
})

test('AS-53: the session is another one after every login, and its cookie is out of reach of scripts and other sites', async () => {
  const { issuer } = server()
  const browser = new Browser()
  const login = await openAt(browser, 'exact', { prompt: 'login' })
  const before = browser.cookies(issuer)
  await signIn(browser, login, 'bob')
  const first = browser.cookies(issuer)
  await signIn(browser, await openAt(browser, 'exact', { prompt: 'login' }), 'bob')
  const second = browser.cookies(issuer)
  assert.equal(new Set([before, first, second]).size, 3)
  const response = await fetch(`${issuer}/authorize?${encode(requestOf('exact')).toString()}`, { redirect: 'manual' })
  for (const cookie of response.headers.getSetCookie()) {
    assert.match(cookie, /; HttpOnly/i)
    assert.match(cookie, /; SameSite=(Lax|Strict)/i)
    assert.doesNotMatch(cookie, /; Domain=/i)
  }
})

test('AS-7, AS-102: refusing consent is access_denied with state and iss, and nothing was granted', async () => {
  const { issuer } = server()
  const { params } = await authorizeAs('carol', issuer, requestOf('two-servers'), { decision: 'deny' })
  assert.deepEqual(
    [params.get('error'), params.get('state'), params.get('iss'), params.get('code')],
    ['access_denied', STATE, issuer, null],
  )
})

test('AS-34, AS-74: unticked scopes are not granted, and the token response says which are', async () => {
  const { issuer } = server()
  const asked = { scope: 'pet-profile:read pet-profile:write' }
  const { redeem } = await codeFor('dana', issuer, 'two-servers', asked, { ticked: ['pet-profile:read'] })
  assert.equal((await redeem()).body['scope'], 'pet-profile:read')
  const all = await codeFor('dana', issuer, 'exact', asked)
  assert.deepEqual(
    String((await all.redeem()).body['scope'])
      .split(' ')
      .toSorted(),
    ['pet-profile:read', 'pet-profile:write'],
  )
})

test('AS-34, AS-56: what no role of the person holds is not granted, whatever was asked and ticked', async () => {
  const { issuer } = server()
  const asked = { scope: 'pet-profile:read pet-profile:write' }
  const { redeem } = await codeFor('bob', issuer, 'exact', asked, { ticked: ['pet-profile:read', 'pet-profile:write'] })
  assert.equal((await redeem()).body['scope'], 'pet-profile:read')
})

test('AS-56: what the client was not authorized for is not granted, whatever was asked and ticked', async () => {
  const { issuer } = server()
  const asked = { scope: 'pet-profile:read pet-profile:write' }
  const { redeem } = await codeFor('dana', issuer, 'reader', asked, {
    ticked: ['pet-profile:read', 'pet-profile:write'],
  })
  assert.equal((await redeem()).body['scope'], 'pet-profile:read')
})

test('AS-33, AS-74: a request without scope gets the default scopes of the server, and the response names them', async () => {
  const { issuer } = server()
  for (const scope of [undefined, '']) {
    const { reply } = await tokensFor('dana', issuer, 'exact', { scope })
    assert.equal(reply.body['scope'], 'pet-profile:read')
  }
})

test('AS-127: prompt=none answers login_required or consent_required and never shows a page', async () => {
  const { issuer } = server()
  const browser = new Browser()
  const silent = (clientId: string, changes = {}): Promise<Page> =>
    openAt(browser, clientId, { prompt: 'none', ...changes })
  const errorAt = (page: Page): (string | null)[] => {
    assert.ok(page.url.startsWith(`${CALLBACK}?`), page.url)
    const { searchParams } = new URL(page.url)
    return [searchParams.get('error'), searchParams.get('state'), searchParams.get('iss')]
  }
  assert.deepEqual(errorAt(await silent('posting-app')), ['login_required', STATE, issuer])
  await signIn(browser, await openAt(browser, 'exact'), 'bob')
  assert.deepEqual(errorAt(await silent('posting-app')), ['consent_required', STATE, issuer])
  await authorizeAs('bob', issuer, requestOf('posting-app'), { browser })
  assert.ok(
    new URL((await silent('posting-app')).url).searchParams.get('code'),
    'consent was given to a client that authenticates',
  )
  assert.deepEqual(errorAt(await silent('posting-app', { max_age: '0' })), ['login_required', STATE, issuer])
})

test('AS-127: prompt=none never widens a grant', async () => {
  const { issuer } = server()
  const browser = new Browser()
  await authorizeAs('dana', issuer, requestOf('posting-app'), { browser })
  const page = await openAt(browser, 'posting-app', { prompt: 'none', scope: 'pet-profile:read pet-profile:write' })
  assert.equal(new URL(page.url).searchParams.get('error'), 'consent_required')
})

test('AS-127: prompt login and select_account ask a person who is signed in again, consent asks for consent again', async () => {
  const { issuer } = server()
  const browser = new Browser()
  await authorizeAs('bob', issuer, requestOf('posting-app'), { browser })
  for (const prompt of ['login', 'select_account']) {
    assert.ok((await openAt(browser, 'posting-app', { prompt })).url.startsWith(`${issuer}/login?`), prompt)
  }
  assert.ok((await openAt(browser, 'posting-app', { prompt: 'consent' })).url.startsWith(`${issuer}/consent?`))
  assert.ok((await openAt(browser, 'posting-app')).url.startsWith(`${CALLBACK}?code=`))
})

test('AS-127, AS-125: max_age asks again when the login is older, and auth_time tells when it was', async () => {
  const conformance = server()
  const { issuer } = conformance
  const browser = new Browser()
  await authorizeAs('bob', issuer, requestOf('posting-app'), { browser })
  conformance.advance(120)
  assert.ok((await openAt(browser, 'posting-app', { max_age: '600' })).url.startsWith(`${CALLBACK}?code=`))
  assert.ok((await openAt(browser, 'posting-app', { max_age: '60' })).url.startsWith(`${issuer}/login?`))
  assert.ok((await openAt(browser, 'posting-app', { max_age: '0' })).url.startsWith(`${issuer}/login?`))
})

test('AS-53, AS-28: a client that registered itself gets its error after the login, and only then', async () => {
  const { issuer } = server()
  const browser = new Browser()
  const login = await openAt(browser, 'self-registered', { scope: 'unknown' })
  assert.ok(login.url.startsWith(`${issuer}/login?`), login.url)
  const page = await signIn(browser, login, 'bob')
  assert.equal(new URL(page.url).searchParams.get('error'), 'invalid_scope')
})

test('AS-1: consent is asked anew from a client that anybody can pose as', async () => {
  const { issuer } = server()
  const browser = new Browser()
  for (const clientId of ['exact', 'self-registered']) {
    await authorizeAs('bob', issuer, requestOf(clientId), { browser })
    assert.ok((await openAt(browser, clientId)).url.startsWith(`${issuer}/consent?`), clientId)
  }
})

test('AS-27: an authorization request is answered once', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await openAt(browser, 'exact'), 'bob')
  assert.ok((await browser.submit(consent, { decision: 'allow' })).url.startsWith(CALLBACK))
  for (const decision of ['allow', 'deny']) {
    const again = await browser.submit(consent, { decision })
    assert.ok(!again.url.startsWith(CALLBACK) && !again.text.includes('code='), again.url)
  }
})

test('AS-27: an authorization request is open for ten minutes', async () => {
  const conformance = server()
  const { issuer } = conformance
  const browser = new Browser()
  const login = await openAt(browser, 'exact')
  conformance.advance(601)
  const late = await signIn(browser, login, 'bob')
  assert.equal(late.status, 400)
  assert.ok(late.url.startsWith(issuer))
})

test('AS-94, AS-30: the resource of the request is what the person consents to', async () => {
  const browser = new Browser()
  const consent = await signIn(browser, await openAt(browser, 'two-servers', { scope: undefined }), 'bob')
  assert.match(textOf(consent), new RegExp(VET_ASSIST))
  const other = await openAt(browser, 'two-servers', { resource: 'https://kennel.example.com/mcp', scope: undefined })
  assert.match(textOf(other), /kennel\.example\.com/)
  assert.doesNotMatch(textOf(other), new RegExp(VET_ASSIST))
})
