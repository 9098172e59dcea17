// Text of a stranger that wants to be something else: a header, a line of a log, a tag, an escape sequence.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, passwordOf, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import { APP_CALLBACK, basic, CALLBACK, post } from './world.ts'

const faults: unknown[] = []
let stack: Stack
before(async () => {
  stack = await startStack({ onFault: (fault) => faults.push(fault), trustedProxies: ['127.0.0.1'] })
})
after(() => stack.close())

const EVIL = [
  'x\r\nSet-Cookie: evil=1\r\nLocation: https://evil.example/',
  'x\nevil: 1',
  'x\rEvil: 1',
  '"><script>alert(1)</script><a href="https://evil.example/">',
  "'><img src=x onerror=alert(1)>",
  '\u001b[2J\u001b]0;evil\u0007',
  '\u2028evil\u2029',
  '", error="', // out of a quoted string of WWW-Authenticate
  '{{evil}}${evil}%s%n',
]

const request = (changes: Record<string, string>): string =>
  new URLSearchParams({
    response_type: 'code',
    client_id: 'vet-assist-ai',
    redirect_uri: APP_CALLBACK,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    resource: VET_ASSIST,
    state: 'state',
    ...changes,
  }).toString()

/** No header was made by what was sent, and every one that repeats it does so in one line. */
function assertClean(headers: Headers, because: string): void {
  assert.deepEqual(
    [headers.get('evil'), headers.getSetCookie().some((cookie) => cookie.startsWith('evil'))],
    [null, false],
    because,
  )
  for (const [name, value] of headers) assert.doesNotMatch(value, /\p{Cc}/u, `${name} after ${because}`)
  const location = headers.get('location')
  if (location !== null)
    assert.ok(
      [stack.issuer, APP_CALLBACK].some((own) => location.startsWith(own)),
      location,
    )
}

test('whatever stands in an authorization request becomes no header, and comes back as the value that it was', async () => {
  const names = [
    'state',
    'scope',
    'nonce',
    'resource',
    'prompt',
    'max_age',
    'acr_values',
    'login_hint',
    'id_token_hint',
    'code_challenge',
    'response_mode',
    'response_type',
    'request',
    'client_id',
    'redirect_uri',
  ]
  for (const evil of EVIL) {
    for (const name of names) {
      const response = await fetch(`${stack.issuer}/authorize?${request({ [name]: evil })}`, { redirect: 'manual' })
      assertClean(response.headers, `${name} ${JSON.stringify(evil)}`)
      assert.ok(response.status < 500)
      const text = await response.text()
      assert.doesNotMatch(text, /<script|<img|href="https:\/\/evil/, name)
      const location = response.headers.get('location') ?? ''
      if (!location.startsWith(APP_CALLBACK)) continue
      const answer = new URL(location).searchParams
      assert.deepEqual(answer.getAll('state'), [name === 'state' ? evil : 'state'], `${name} ${location}`)
      assert.equal(answer.getAll('error').length, 1)
      assert.equal(answer.has('code'), false)
      assert.match(
        answer.get('error_description') ?? '',
        /^[\u0020-\u0021\u0023-\u005b\u005d-\u007e]*$/,
        'RFC 6749 §4.1.2.1',
      )
    }
  }
})

test('neither do the forms and headers of clients: answers stay JSON with one challenge', async () => {
  for (const evil of EVIL) {
    const forms: [string, Record<string, string>, Record<string, string>][] = [
      ['/token', { client_id: evil, grant_type: 'authorization_code', code: evil }, {}],
      ['/token', { client_id: 'vet-assist-dev', grant_type: evil }, {}],
      ['/token', { client_id: 'vet-assist-dev', grant_type: 'refresh_token', refresh_token: evil, scope: evil }, {}],
      ['/token', { grant_type: 'refresh_token', refresh_token: 'x' }, basic(evil, evil)],
      ['/revoke', { client_id: 'vet-assist-dev', token: evil, token_type_hint: evil }, {}],
      ['/userinfo', { access_token: evil }, {}],
    ]
    for (const [path, form, headers] of forms) {
      const answer = await post(stack.issuer + path, form, headers)
      assertClean(answer.headers, `${path} ${JSON.stringify(evil)}`)
      assert.ok(answer.status < 500, `${answer.status}`)
      if (answer.text !== '') assert.equal(typeof (JSON.parse(answer.text) as { error: unknown }).error, 'string')
    }
  }
  assert.deepEqual(faults, [])
})

test('a login page shows a hint and a typed name as text', async () => {
  for (const evil of EVIL) {
    const browser = new Browser()
    const asked = {
      clientId: 'vet-assist-dev',
      redirectUri: CALLBACK,
      resource: VET_ASSIST,
      extra: { login_hint: evil },
    }
    const login = await browser.open((await authorizationUrl(stack.issuer, asked)).url)
    for (const page of [login, await browser.submit(login, { username: evil, password: 'x' })]) {
      assert.doesNotMatch(page.text, /<script|<img|href="https:\/\/evil/)
      assert.equal(page.forms.length, 1)
    }
  }
})

test('a name that was typed with line ends is one value of the audit, and a host or forwarded address is nobody’s word', async () => {
  const browser = new Browser((sent) => {
    sent.headers.set('x-forwarded-for', '203.0.113.7 evil, 203.0.113.9')
    sent.headers.set('x-forwarded-host', 'evil.example')
    sent.headers.set('x-forwarded-proto', 'https')
    return fetch(sent)
  })
  const asked = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: VET_ASSIST }
  const login = await browser.open((await authorizationUrl(stack.issuer, asked)).url)
  assert.ok(login.url.startsWith(stack.issuer))
  const typed = 'bob\r\n{"type":"login.succeeded","subject_id":"usr_admin"}'
  await browser.submit(login, { username: typed, password: passwordOf('bob') })
  const rows = await stack.store.read((db) => db.selectFrom('audit_personal').select('fields').orderBy('seq').execute())
  const kept = JSON.parse(rows.at(-1)?.fields ?? '{}') as Record<string, unknown>
  assert.deepEqual(kept, { username: typed, address: '203.0.113.9' })
})
