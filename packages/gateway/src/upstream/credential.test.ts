import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answering, issuerFetch, modern, send, startGateway, startUpstream, tokenFor, type Seen } from '../testing.ts'
import { createCredential } from './credential.ts'

const ENDPOINT = 'https://login.example.com/token'
const CLIENT = {
  token_endpoint: ENDPOINT,
  client_id: 'gate way',
  client_secret: 's:/%',
  scopes: ['a', 'b'],
  resource: 'https://x/',
}

function created(answer: () => Response, auth: 'client_secret_basic' | 'client_secret_post' = 'client_secret_basic') {
  let now = 1_000_000
  const asked: { readonly authorization: string | null; readonly body: string }[] = []
  const credential = createCredential(
    { client_credentials: { ...CLIENT, auth } },
    {
      clock: () => now,
      fetch: async (input, init) => {
        const request = new Request(input, init)
        asked.push({ authorization: request.headers.get('authorization'), body: await request.text() })
        return answer()
      },
    },
  )
  return { credential, asked, wait: (milliseconds: number) => void (now += milliseconds) }
}

const good = (more: object = {}) => Response.json({ access_token: 't', token_type: 'Bearer', expires_in: 100, ...more })

test('a token is fetched once for all who call, and again shortly before it expires', async () => {
  const { credential, asked, wait } = created(good)
  const all = await Promise.all([credential.headers(), credential.headers()])
  assert.deepEqual(all, [
    ['authorization', 'Bearer t'],
    ['authorization', 'Bearer t'],
  ])
  wait(69_999)
  await credential.headers()
  assert.equal(asked.length, 1)
  wait(1)
  await credential.headers()
  assert.equal(asked.length, 2)
  credential.refused()
  await credential.headers()
  assert.equal(asked.length, 3)
  assert.deepEqual(asked[0], {
    authorization: `Basic ${btoa('gate+way:s%3A%2F%25')}`,
    body: 'grant_type=client_credentials&scope=a+b&resource=https%3A%2F%2Fx%2F',
  })
})

test('a secret may go into the form instead', async () => {
  const { credential, asked } = created(good, 'client_secret_post')
  await credential.headers()
  assert.equal(asked[0]?.authorization, null)
  assert.match(asked[0]?.body ?? '', /&client_id=gate\+way&client_secret=s%3A%2F%25$/)
})

for (const [name, answer] of Object.entries({
  'an error': () => Response.json({ error: 'invalid_client' }, { status: 401 }),
  'a page': () => new Response('<h1>'),
  'no token': () => good({ access_token: undefined }),
  'another kind of token': () => good({ token_type: 'mac' }),
  'a token with a line break': () => good({ access_token: 'a\r\nx: y' }),
  'a token that has no life': () => good({ expires_in: 0 }),
}))
  test(`${name} in the place of a token is no credential, and is not asked for again at once`, async () => {
    const { credential, asked, wait } = created(answer)
    await assert.rejects(async () => credential.headers(), { name: 'NoUpstreamToken' })
    await assert.rejects(async () => credential.headers(), { name: 'NoUpstreamToken' })
    assert.equal(asked.length, 1)
    wait(1_000)
    await assert.rejects(async () => credential.headers(), { name: 'NoUpstreamToken' })
    assert.equal(asked.length, 2)
  })

test('the MCP server gets the gateway’s token, one that it refuses is replaced, and its 401 is nobody else’s', async (t) => {
  const seen: Seen[] = []
  let given = 0
  const ok = answering({}, seen)
  const url = await startUpstream(t, (req, res) => {
    if (req.headers.authorization === 'Bearer t1')
      return void res.writeHead(401, { 'www-authenticate': 'Bearer resource_metadata="https://elsewhere"' }).end()
    ok(req, res)
  })
  const { port, errors } = await startGateway(t, url, {
    change: { credential: { client_credentials: { ...CLIENT, auth: 'client_secret_basic' } } },
    fetch: issuerFetch({ [ENDPOINT]: () => good({ access_token: `t${++given}` }) }),
  })
  const call = modern('tools/call', { name: 'look', arguments: {} }, await tokenFor())
  const first = await send(port, call)
  assert.deepEqual([first.status, first.json.id, first.headers['www-authenticate']], [502, 7, undefined])
  assert.equal((await send(port, call)).status, 200)
  assert.equal(seen[0]?.headers.authorization, 'Bearer t2')
  assert.match(errors[0]?.message ?? '', /does not accept the credential/)
})

test('without a token for the MCP server a call is answered with 503', async (t) => {
  const seen: Seen[] = []
  const { port } = await startGateway(t, await startUpstream(t, answering({}, seen)), {
    change: { credential: { client_credentials: { ...CLIENT, auth: 'client_secret_basic' } } },
    fetch: issuerFetch({ [ENDPOINT]: () => new Response(null, { status: 500 }) }),
  })
  const { status, json, headers } = await send(
    port,
    modern('tools/call', { name: 'look', arguments: {} }, await tokenFor()),
  )
  assert.deepEqual([status, json.id, headers['retry-after'], seen.length], [503, 7, '5', 0])
})
