// Tokens that are bound to a key at an MCP server: minted by the authorization server, shown to the guard, over HTTP.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { listen, type Listening } from '@permitry/testkit'
import { athOf, createHolder, type Holder, proved } from './dpop.ts'
import { codeFor, conformanceStack, post } from './harness.ts'
import { type Answer, answerOf, call } from './mcp-client.ts'
import { modernServer } from './mcp-server.ts'

const server = conformanceStack()
const nonceKey = randomBytes(32)
let [holder, thief]: Holder[] = []
/** One that takes both kinds of tokens, one with nonces, one that takes bound tokens only. */
const [mcp, careful, strict] = ['', '', ''].map((): { at: Listening | undefined } => ({ at: undefined }))
const servers = [
  [mcp, {}],
  [careful, { dpop: { nonceKey } }],
  [strict, { dpop: { required: true } }],
] as const

let started: Promise<void> | undefined
/** Once, by the first test: hooks may come before the authorization server does. */
const start = (): Promise<void> => (started ??= startServers())

async function startServers(): Promise<void> {
  ;[holder, thief] = await Promise.all([createHolder(), createHolder()])
  for (const [place, options] of servers) {
    const listening = await listen()
    assert.ok(place)
    place.at = listening
    const guarded = modernServer(server().issuer, `${listening.origin}/mcp`, {
      guard: { clock: () => server().now() * 1000, ...options },
    })
    listening.serve(guarded.serve)
  }
}
after(async () => {
  for (const [place] of servers) await place?.at?.close()
})

function urlOf(place: { at: Listening | undefined } | undefined): string {
  assert.ok(place?.at)
  return `${place.at.origin}/mcp`
}

function keys(): { holder: Holder; thief: Holder } {
  assert.ok(holder && thief)
  return { holder, thief }
}

const iat = (): number => Math.floor(server().now())

async function boundToken(): Promise<string> {
  const { form } = await codeFor('bob', server().issuer, 'exact')
  const { status, body } = await proved(server().issuer, form, keys().holder, { iat: iat() })
  assert.equal(status, 200, JSON.stringify(body))
  return String(body['access_token'])
}

async function bearerToken(): Promise<string> {
  const { form } = await codeFor('bob', server().issuer, 'exact')
  return String((await post(`${server().issuer}/token`, form, {})).body['access_token'])
}

async function show(url: string, authorization: string, dpop?: string, tool = 'list_pets'): Promise<Answer> {
  const { headers, body } = call(tool)
  const proof = dpop === undefined ? {} : { dpop }
  return answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { ...headers, authorization, ...proof },
      body: JSON.stringify(body),
    }),
  )
}

const proof = (url: string, token: string, claims: object = {}, by = keys().holder): Promise<string> =>
  by.proof('POST', url, { claims: { ath: athOf(token), iat: iat(), ...claims } })

function assertRefused(answer: Answer, scheme: 'bearer' | 'dpop', error: string, because: string): void {
  assert.equal(answer.status, 401, because)
  const [challenge] = answer.challenges
  assert.equal(challenge?.scheme, scheme, because)
  assert.equal(challenge?.parameters.get('error'), error, because)
  if (scheme === 'dpop') assert.match(challenge?.parameters.get('algs') ?? '', /^ES256 /, because)
}

test('RS-37, AS-116: a bound token opens a tool with a proof by its key, for this token, address and moment, once', async () => {
  await start()
  const url = urlOf(mcp)
  const token = await boundToken()
  const good = await proof(url, token)
  assert.equal((await show(url, `DPoP ${token}`, good)).status, 200)
  const refused: Readonly<Record<string, string>> = {
    'shown before': good,
    'of another key': await proof(url, token, {}, keys().thief),
    'of another token': await proof(url, await boundToken()),
    'of no token': await proof(url, token, { ath: undefined }),
    'of another method': await proof(url, token, { htm: 'GET' }),
    'of another server': await proof(urlOf(careful), token),
    'of another host': await proof(url.replace('localhost', '127.0.0.1').replace(/:\d+/, ':1'), token),
    'of the token endpoint': await proof(`${server().issuer}/token`, token),
    'more than five minutes old': await proof(url, token, { iat: iat() - 301 }),
    'more than five minutes ahead': await proof(url, token, { iat: iat() + 330 }),
    'two proofs': `${await proof(url, token)}, ${await proof(url, token)}`,
  }
  for (const [because, dpop] of Object.entries(refused)) {
    assertRefused(await show(url, `DPoP ${token}`, dpop), 'dpop', 'invalid_dpop_proof', because)
  }
})

test('RS-38: without a good proof the answer is a 401 that names DPoP and says that the proof is bad', async () => {
  await start()
  const url = urlOf(mcp)
  const token = await boundToken()
  assertRefused(await show(url, `DPoP ${token}`), 'dpop', 'invalid_dpop_proof', 'no proof')
  assertRefused(await show(url, `DPoP ${token}`, 'x'), 'dpop', 'invalid_dpop_proof', 'no JWT')
})

test('RS-39: a server may ask for nonces: it gives one, takes proofs with it, and no others', async () => {
  await start()
  const url = urlOf(careful)
  const token = await boundToken()
  const asked = await show(url, `DPoP ${token}`, await proof(url, token))
  assertRefused(asked, 'dpop', 'use_dpop_nonce', 'no nonce')
  const nonce = asked.headers.get('dpop-nonce') ?? undefined
  assert.ok(nonce)
  assert.equal((await show(url, `DPoP ${token}`, await proof(url, token, { nonce }))).status, 200)
  const madeUp = randomBytes(32).toString('base64url')
  assertRefused(
    await show(url, `DPoP ${token}`, await proof(url, token, { nonce: madeUp })),
    'dpop',
    'use_dpop_nonce',
    'made up',
  )
})

test('RS-62: a bound token is no bearer token, with its proof or without, and an unbound one is none of DPoP', async () => {
  await start()
  const url = urlOf(mcp)
  const [bound, unbound] = await Promise.all([boundToken(), bearerToken()])
  assert.equal((await show(url, `Bearer ${unbound}`)).status, 200)
  assertRefused(await show(url, `Bearer ${bound}`), 'bearer', 'invalid_token', 'bound, as bearer')
  assertRefused(
    await show(url, `Bearer ${bound}`, await proof(url, bound)),
    'bearer',
    'invalid_token',
    'with its proof',
  )
  assertRefused(await show(url, `DPoP ${unbound}`, await proof(url, unbound)), 'dpop', 'invalid_token', 'unbound')
})

test('RS-63: a request without a token is told of both schemes and of the algorithms of proofs', async () => {
  await start()
  const { headers, body } = call('list_pets')
  const ask = async (url: string): Promise<Answer> =>
    answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }))
  const both = (await ask(urlOf(mcp))).challenges
  assert.deepEqual(
    both.map(({ scheme }) => scheme),
    ['bearer', 'dpop'],
  )
  assert.match(both[1]?.parameters.get('algs') ?? '', /^ES256 /)
  const [only, ...others] = (await ask(urlOf(strict))).challenges
  assert.deepEqual([only?.scheme, others.length], ['dpop', 0])
  assert.ok(only?.parameters.get('resource_metadata') && only.parameters.get('algs'))
})
