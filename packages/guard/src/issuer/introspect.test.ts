// Opaque tokens: the authorization server says what they are worth.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { decided, guard } from '../index.ts'
import { createTestIssuer, ISSUER, messageOf, modern, NOW, RESOURCE, type TestIssuer } from '../test-issuer.ts'

const INTROSPECTION = `${ISSUER}/introspect`
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const credential = {
  client_id: 'vet-guard',
  private_key: { ...(await exportJWK(privateKey)), kid: 'c1', alg: 'ES256' },
}

let issuer: TestIssuer
let now: number
let asked: URLSearchParams[]
/** What the server answers, by token. */
let answers: Map<string, unknown>
let errors: Error[]
let serve: (request: Request) => Promise<Response>
beforeEach(async () => {
  issuer = await createTestIssuer()
  const metadata = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, introspection_endpoint: INTROSPECTION }
  issuer.documents.set(`${ISSUER}/.well-known/oauth-authorization-server`, metadata)
  now = NOW
  asked = []
  errors = []
  answers = new Map([['opaque-1', active()]])
  serve = createServe()
})

const active = (members: Record<string, unknown> = {}): Record<string, unknown> => ({
  active: true,
  sub: 'bob',
  aud: RESOURCE,
  client_id: 'vet-assist-ai',
  scope: 'a',
  exp: NOW / 1000 + 300,
  token_type: 'Bearer',
  ...members,
})

function createServe(): typeof serve {
  return guard({
    issuer: ISSUER,
    credential,
    opaqueTokens: true,
    guardApi: false,
    resource: RESOURCE,
    defaultScopes: ['a'],
    tools: { whoami: 'a' },
    clock: () => now,
    onError: (error) => errors.push(error),
    fetch: async (url, init) => {
      if (url !== INTROSPECTION) return issuer.fetch(url, init)
      const form = new URLSearchParams(init?.body as URLSearchParams)
      asked.push(form)
      const answer = answers.get(form.get('token') ?? '') ?? { active: false }
      if (answer instanceof Error) throw answer
      return typeof answer === 'function' ? (answer as () => Response)() : Response.json(answer)
    },
  })(async (_request, { authInfo }) => Response.json({ id: 1, result: decided(authInfo).principal }))
}

const call = (token: string): Promise<Response> => serve(modern('tools/call', { name: 'whoami' }, token))

test('an active token makes a caller, and the question is signed by the credential', async () => {
  const { result } = await messageOf(await call('opaque-1'))
  const { iss, sub, client_id, scopes } = result as Record<string, unknown>
  assert.deepEqual([iss, sub, client_id, scopes], [ISSUER, 'bob', 'vet-assist-ai', ['a']])
  assert.match(String(result?.['jti']), /^[\w-]{43}$/, 'a hash in the place of an id: no token leaves the guard')
  assert.deepEqual([asked[0]?.get('token'), asked[0]?.get('token_type_hint')], ['opaque-1', 'access_token'])
  const { protectedHeader } = await jwtVerify(asked[0]?.get('client_assertion') ?? '', publicKey, {
    issuer: 'vet-guard',
    subject: 'vet-guard',
    audience: ISSUER,
    currentDate: new Date(now),
  })
  assert.equal(protectedHeader.kid, 'c1')
})

const bad: Record<string, unknown> = {
  'is not active': { active: false },
  'is for another server': active({ aud: 'https://other.example/mcp' }),
  'is for nobody': active({ aud: undefined }),
  'is of another issuer': active({ iss: 'https://evil.example' }),
  'has no end': active({ exp: undefined }),
  'has ended': active({ exp: NOW / 1000 - 31 }),
  'has no subject': active({ sub: undefined }),
  'has no client': active({ client_id: undefined }),
  'is a refresh token': active({ token_type: 'refresh_token' }),
  'is said to be bound, and not to what': active({ token_type: 'DPoP' }),
  'is bound to a key': active({ token_type: 'DPoP', cnf: { jkt: 'x'.repeat(43) } }),
}
for (const [name, answer] of Object.entries(bad)) {
  test(`a token that ${name} is refused as a bearer token`, async () => {
    answers.set('opaque-2', answer)
    assert.equal((await call('opaque-2')).status, 401)
  })
}

test('an answer counts for seconds, and never past the end of the token', async () => {
  answers.set('opaque-2', active({ exp: NOW / 1000 + 5 }))
  for (const token of ['opaque-1', 'opaque-1', 'opaque-2', 'opaque-2']) assert.equal((await call(token)).status, 200)
  assert.equal(asked.length, 2)
  now += 6_000
  answers.set('opaque-2', { active: false })
  answers.set('opaque-1', { active: false })
  assert.equal((await call('opaque-1')).status, 200, 'still what was said a moment ago')
  assert.equal((await call('opaque-2')).status, 401)
  now += 10_000
  assert.equal((await call('opaque-1')).status, 401)
})

test('without an answer nobody is served and nobody is sent to log in, and the failure is not remembered', async () => {
  const failures = [
    new Error('refused'),
    () => new Response('{}', { status: 401 }),
    () => new Response('{"active":true}', { status: 500 }),
    () => new Response('no json'),
    () => new Response('[]'),
    () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    {},
    active({ active: 'true' }),
  ]
  for (const failure of failures) {
    answers.set('opaque-1', failure)
    const response = await call('opaque-1')
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('www-authenticate'), null)
  }
  assert.equal(errors.length, failures.length)
  answers.set('opaque-1', active())
  assert.equal((await call('opaque-1')).status, 200)
})

test('many calls with one token ask once, and invented tokens do not flood the authorization server', async () => {
  const statuses = async (tokens: string[]): Promise<number[]> =>
    Promise.all(tokens.map(async (token) => (await call(token)).status))
  assert.deepEqual(new Set(await statuses(Array<string>(20).fill('opaque-1'))), new Set([200]))
  assert.equal(asked.length, 1)
  const invented = await statuses(Array.from({ length: 200 }, (_, index) => `invented-${index}`))
  assert.ok(asked.length <= 65, `${asked.length} questions`)
  assert.deepEqual(new Set(invented), new Set([401, 503]))
})

test('a signed token is never asked about, also one that nobody could have signed', async () => {
  assert.equal((await call(await issuer.token({ scope: 'a' }))).status, 200)
  answers.set('AAAA.AAAA.AAAA', active())
  assert.equal((await call('AAAA.AAAA.AAAA')).status, 401)
  assert.equal(asked.length, 0)
})

test('where tokens are signed, an opaque one is refused and nobody is asked', async () => {
  const { length } = issuer.fetched
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: {},
    fetch: issuer.fetch,
  })(async () => Response.json({}))
  assert.equal((await call('opaque-1')).status, 401)
  assert.equal(issuer.fetched.length, length)
})
