// One parameter twice, in two places or under a name that some parsers take for another (RFC 6749 §3.1). What
// tests/conformance (AS-68, AS-69) does not say of /authorize and /token is here.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, type Page, passwordOf, signIn, startStack, type Stack } from '@permitry/testkit'
import { basic, CALLBACK, codeForm, post, refresh, tokensOf } from './world.ts'

let stack: Stack
const bobs = new Browser()
before(async () => (stack = await startStack()))
after(() => stack.close())

async function open(browser: Browser): Promise<Page> {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl }
  return browser.open((await authorizationUrl(stack.issuer, request)).url)
}

const hidden = (page: Page): Record<string, string> =>
  Object.fromEntries(
    (page.forms[0]?.fields ?? []).filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value]),
  )

/** Posts a page's form as raw text. */
const postForm = (browser: Browser, page: Page, body: string) =>
  post(new URL(page.forms[0]?.action ?? '', page.url).href, body, {
    cookie: browser.cookies(stack.issuer),
    origin: stack.issuer,
  })

test('an answer that says allow and deny at once allows nothing', async () => {
  const consent = await signIn(bobs, await open(bobs), 'bob')
  for (const decisions of [
    'decision=deny&decision=allow',
    'decision=allow&decision=deny',
    'decision=allow&decision=allow',
    'decision[]=allow',
    'decision=',
    'Decision=allow',
  ]) {
    const fresh = await open(bobs)
    const answer = await postForm(
      bobs,
      fresh,
      `${new URLSearchParams(hidden(fresh)).toString()}&scope=pet-profile%3Aread&${decisions}`,
    )
    assert.doesNotMatch(answer.text, /[?&](amp;)?code=/, decisions)
  }
  const proof = hidden(consent)
  const twice = `${new URLSearchParams(proof).toString()}&request=other&decision=allow&scope=pet-profile%3Aread`
  assert.doesNotMatch((await postForm(bobs, consent, twice)).text, /[?&](amp;)?code=/)
  assert.deepEqual(await stack.store.read((db) => db.selectFrom('grants').select('id').execute()), [])
})

test('a login form with two names or two passwords signs nobody in', async () => {
  const browser = new Browser()
  const login = await open(browser)
  const right = { username: 'bob', password: passwordOf('bob') }
  const form = new URLSearchParams({ ...hidden(login), ...right }).toString()
  for (const more of ['username=admin', 'password=x', `username=bob`, `proof=${hidden(login)['proof'] ?? ''}`]) {
    const answer = await postForm(browser, login, `${form}&${more}`)
    assert.equal(
      answer.headers.getSetCookie().some((cookie) => cookie.includes('_session_')),
      false,
      more,
    )
  }
  const answer = await postForm(browser, login, form)
  assert.equal(
    answer.headers.getSetCookie().some((cookie) => cookie.includes('_session_')),
    true,
  )
})

test('a token request is what its body says once: nothing is merged from the query, another spelling or a JSON body', async () => {
  const form = await codeForm(stack.issuer, 'bob', { resource: stack.mcpUrl, browser: bobs })
  const { code_verifier: verifier = '', code = '', ...rest } = form
  const all = new URLSearchParams(form).toString()
  const without = new URLSearchParams({ ...rest, code }).toString()
  const refused: [string, string, Record<string, string>?][] = [
    [`?code_verifier=${verifier}`, without],
    ['', `${without}&code_verifier[]=${verifier}`],
    ['', `${without}&Code_Verifier=${verifier}`],
    ['', `${all}&code=${code}`],
    ['', `${all}&client_id=vet-assist-ai`],
    ['', `${all}&redirect_uri=https://evil.example`],
    ['', all, basic()],
    ['', JSON.stringify(form), { 'content-type': 'application/json' }],
    ['', all, { 'content-type': 'text/plain' }],
    ['', all, { 'content-type': 'multipart/form-data; boundary=x' }],
  ]
  for (const [query, body, headers] of refused) {
    const answer = await post(`${stack.issuer}/token${query}`, body, headers)
    assert.ok([400, 401].includes(answer.status), `${answer.status} for ${query} ${body} ${JSON.stringify(headers)}`)
  }
  assert.equal((await post(`${stack.issuer}/token?client_id=vet-assist-ai&grant_type=x`, all)).status, 200)
})

test('a revocation that names two tokens or two clients revokes none', async () => {
  const { refresh: token } = await tokensOf(stack.issuer, 'bob', { resource: stack.mcpUrl, browser: bobs })
  const form = new URLSearchParams({ client_id: 'vet-assist-dev', token }).toString()
  for (const body of [
    `${form}&token=${token}`,
    `${form}&client_id=vet-assist-dev`,
    `token[]=${token}&client_id=vet-assist-dev`,
  ])
    assert.equal((await post(`${stack.issuer}/revoke`, body)).status, 400, body)
  assert.equal((await refresh(stack.issuer, token)).status, 200)
})
