// Signing keys change while calls are under way: at our authorization server, and at one that changes them faster than we do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guard, type GuardOptions } from '@permitry/guard'
import { envelopeKey, revokeSigningKey, rotateKeys } from '@permitry/server'
import { addCredential, listen, type Listening, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { call, post } from '../conformance/mcp-client.ts'
import { READ, tokensOf } from '../security/world.ts'

const MINUTE = 60_000
/** A long poll would be answered by then without any news, so what is refused before was signalled. */
const BEFORE_A_POLL_IS_OVER_MS = 4_000

let now = Date.now()
let mcp: Listening
before(async () => (mcp = await listen()))
after(() => mcp.close())

/** An MCP server at `mcp` with a tool that answers at once, and one that waits until it is let go. */
function serve(options: Pick<GuardOptions, 'issuer' | 'resource'> & Partial<GuardOptions>) {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const protect = guard({
    defaultScopes: [READ],
    tools: { list_pets: READ, slow: READ },
    clock: () => now,
    onError: () => {},
    ...options,
  })
  mcp.serve(
    protect(async (_request, { parsedBody }) => {
      if (JSON.stringify(parsedBody).includes('"slow"')) {
        started.resolve()
        await release.promise
      }
      return Response.json({ jsonrpc: '2.0', id: 7, result: { content: [] } })
    }),
  )
  const ask = async (token: string, tool = 'list_pets'): Promise<number> =>
    (await post(`${mcp.origin}/mcp`, call(tool), token)).status
  return { protect, ask, started: started.promise, release: () => release.resolve() }
}

const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? ''

/** Ours, with a client whose tokens last an hour, since it does not refresh. */
async function ours(): Promise<Stack> {
  return startStack({
    now: () => now,
    change: (config) => ({
      ...config,
      clients: config.clients.map((one) => ({ ...one, grant_types: ['authorization_code' as const] })),
    }),
  })
}

/** Ours, where a key was published an hour ago less two minutes: it takes over while a token of the first key lives. */
async function rotating() {
  const stack = await ours()
  const envelope = envelopeKey(new Uint8Array(32).fill(7))
  const operator = {
    store: stack.store,
    tenant: 'default',
    actor: { kind: 'cli', id: 'test' },
    now: () => now,
  } as const
  await rotateKeys(operator, envelope, 0)
  now += 58 * MINUTE
  return {
    stack,
    accepted: { issuer: stack.issuer, resource: `${mcp.origin}/mcp`, names: [VET_ASSIST, stack.mcpUrl] },
    token: async () => (await tokensOf(stack.issuer, 'bob', { resource: stack.mcpUrl })).access,
    revoke: async (kid: string) => assert.ok((await revokeSigningKey(operator, envelope, kid)).ok),
  }
}

test('a token goes on until its end while its key is replaced, and the next one is revoked and replaced at once', async () => {
  const { stack, accepted, token, revoke } = await rotating()
  await using _stack = { [Symbol.asyncDispose]: () => stack.close() }
  const { ask, started, release } = serve(accepted)
  const first = await token()
  assert.equal(await ask(first), 200)
  const underWay = ask(first, 'slow')
  await started

  now += 2 * MINUTE
  const second = await token()
  assert.notEqual(kidOf(second), kidOf(first), 'the key that was published an hour ago signs')
  assert.deepEqual(await Promise.all([ask(first), ask(second), ask(first), ask(second)]), [200, 200, 200, 200])

  now += MINUTE
  await revoke(kidOf(second))
  const third = await token()
  assert.ok(![kidOf(first), kidOf(second)].includes(kidOf(third)), 'another key signs at once')
  assert.equal(await ask(third), 200, 'which makes the guard look')
  assert.deepEqual(await Promise.all([ask(first), ask(second), ask(third)]), [200, 401, 200])

  release()
  assert.equal(await underWay, 200, 'what was allowed is answered')
  now += 56 * MINUTE
  assert.deepEqual([await ask(first), await ask(second)], [200, 401], 'a minute before its end')
  now += 2 * MINUTE
  assert.deepEqual([await ask(first), await ask(third)], [401, 200], 'by its end and no earlier')
})

test('a guard with a credential hears of the revoked key, and refuses all that was issued until then, by whichever key', async () => {
  const { stack, accepted, token, revoke } = await rotating()
  await using _stack = { [Symbol.asyncDispose]: () => stack.close() }
  const { protect, ask } = serve({ ...accepted, credential: await addCredential(stack) })
  await using _guard = { [Symbol.asyncDispose]: () => protect.close() }
  await protect.ready()
  const first = await token()
  now += 2 * MINUTE
  const second = await token()
  assert.deepEqual([await ask(first), await ask(second)], [200, 200])
  await revoke(kidOf(second))
  const begun = Date.now()
  while ((await ask(second)) === 200) assert.ok(Date.now() - begun < BEFORE_A_POLL_IS_OVER_MS, 'still served')
  assert.deepEqual([await ask(first), await ask(second), await ask(await token())], [401, 401, 200])
})

/** An authorization server that publishes the keys that it is told to. */
async function publisher() {
  const at = await listen()
  const keys = new Map<string, { readonly jwk: JWK; readonly privateKey: CryptoKey }>()
  let held: Promise<void> | undefined
  let fetched = 0
  at.serve(async (request) => {
    if (new URL(request.url).pathname !== '/jwks')
      return Response.json({ issuer: at.origin, jwks_uri: `${at.origin}/jwks` })
    fetched++
    const document = { keys: [...keys.values()].map(({ jwk }) => jwk) }
    await held
    return Response.json(document)
  })
  return {
    at,
    fetches: () => fetched,
    /** Keeps answers back until the function is called. */
    hold(): () => void {
      const gate = Promise.withResolvers<void>()
      held = gate.promise
      return () => gate.resolve()
    },
    withdraw: (kid: string) => keys.delete(kid),
    /** Publishes one more key; gives a token of fifty minutes that it signed. */
    async rotate(kid: string): Promise<string> {
      const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
      keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } })
      const claims = { sub: 'bob', client_id: 'app', scope: READ, jti: kid }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(at.origin)
        .setAudience(`${mcp.origin}/mcp`)
        .setIssuedAt(now / 1000)
        .setExpirationTime(Math.floor(now / 1000) + 50 * 60)
        .sign(privateKey)
    },
  }
}

test('two rotations inside the life of one token: nobody is refused, and who has an older key does not wait for a newer one', async () => {
  const issuer = await publisher()
  await using _closed = issuer.at
  const { ask } = serve({ issuer: issuer.at.origin, resource: `${mcp.origin}/mcp` })
  const first = await issuer.rotate('k1')
  assert.equal(await ask(first), 200)

  now += MINUTE
  const release = issuer.hold()
  const second = await issuer.rotate('k2')
  const waiting = [ask(second), ask(second), ask(second)]
  assert.deepEqual(await Promise.all([ask(first), ask(first)]), [200, 200], 'while the keys are still on their way')
  release()
  assert.deepEqual(await Promise.all(waiting), [200, 200, 200])
  assert.equal(issuer.fetches(), 2, 'one fetch for all who wait')

  now += MINUTE
  const third = await issuer.rotate('k3')
  assert.deepEqual(await Promise.all([first, third, second, third].map((token) => ask(token))), [200, 200, 200, 200])
  now += 46 * MINUTE
  assert.deepEqual(await Promise.all([first, second, third].map((token) => ask(token))), [200, 200, 200])
  now += 3 * MINUTE
  assert.deepEqual([await ask(first), await ask(third)], [401, 200], 'by its end, though its key is still there')
})

test('a key that is withdrawn between two rotations takes its tokens along, and those of the others go on', async () => {
  const issuer = await publisher()
  await using _closed = issuer.at
  const { ask } = serve({ issuer: issuer.at.origin, resource: `${mcp.origin}/mcp` })
  const tokens = [await issuer.rotate('k1'), await issuer.rotate('k2')]
  assert.deepEqual(await Promise.all(tokens.map((token) => ask(token))), [200, 200])
  now += MINUTE
  issuer.withdraw('k2')
  tokens.push(await issuer.rotate('k3'))
  // The token of the new key makes the guard look.
  assert.equal(await ask(tokens[2] ?? ''), 200)
  assert.deepEqual(await Promise.all(tokens.map((token) => ask(token))), [200, 401, 200])
})
