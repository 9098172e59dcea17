import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorize, Browser, requestToken } from '@permitry/testkit'
import { ServerProcess } from './server-process.ts'

/** `PERMITRY_TEST_CRASHES=50` makes a long run of it. */
const ROUNDS = Number(process.env['PERMITRY_TEST_CRASHES'] ?? 2)
const PARALLEL = 6
const ACKNOWLEDGED_BEFORE_KILL = 30
const redirectUri = 'http://127.0.0.1:5555/callback'

let server: ServerProcess
before(async () => {
  server = await ServerProcess.prepare()
  await server.start()
})
after(() => server.remove())

type Form = Record<string, string>

/** What one client knows: every refresh token that it was given, the newest last. */
type Chain = string[]

async function codeForm(): Promise<Form> {
  const request = { clientId: 'vet-assist-dev', redirectUri, resource: 'mcp://vetassist', scope: 'pet-profile:read' }
  const { params, verifier } = await authorize(server.issuer, request, 'bob', { browser: new Browser() })
  const code = params.get('code') ?? ''
  return {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
}

const refresh = (token: string) =>
  requestToken(server.issuer, { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: token })

/** Rotates all chains in parallel until enough was acknowledged, and kills the server while the others are under way. */
async function rotateUntilKilled(chains: readonly Chain[]): Promise<void> {
  let acknowledged = 0
  let killed: Promise<void> | undefined
  await Promise.all(
    chains.map(async (chain) => {
      while (!killed) {
        const answer = await refresh(chain.at(-1) ?? '').catch(() => undefined)
        // What the server did not acknowledge may or may not have happened; the client does not know.
        if (!answer) return
        assert.equal(answer.status, 200, JSON.stringify(answer.body))
        chain.push(String(answer.body['refresh_token']))
        if (++acknowledged === ACKNOWLEDGED_BEFORE_KILL) killed = server.kill()
      }
    }),
  )
  await killed
}

/** What must hold after a restart; the sabotage below shows that it can fail. */
async function expectNothingLostOrSpentTwice(chains: readonly Chain[], spent: Form, unspent: Form): Promise<void> {
  assert.equal((await requestToken(server.issuer, spent)).body['error'], 'invalid_grant', 'a spent code stays spent')
  assert.equal((await requestToken(server.issuer, unspent)).status, 200, 'an issued code is still there')
  for (const chain of chains) {
    const [predecessor, newest] = chain.slice(-2)
    if (predecessor !== undefined && newest !== undefined) {
      const { body } = await refresh(predecessor)
      assert.equal(body['refresh_token'], newest, 'the predecessor leads to the one successor that was acknowledged')
    }
    const answers = await Promise.all([refresh(chain.at(-1) ?? ''), refresh(chain.at(-1) ?? '')])
    assert.deepEqual([answers[0]?.status, answers[1]?.status], [200, 200], 'nobody is signed out')
    assert.equal(answers[0]?.body['refresh_token'], answers[1]?.body['refresh_token'], 'one successor')
    chain.push(String(answers[0]?.body['refresh_token']))
  }
}

async function startChains(): Promise<Chain[]> {
  const chains: Chain[] = []
  for (let i = 0; i < PARALLEL; i++) {
    const { body } = await requestToken(server.issuer, await codeForm())
    chains.push([String(body['refresh_token'])])
  }
  return chains
}

test(`kill -9 under load, ${ROUNDS} times: nothing acknowledged is lost and nothing is spent twice`, async () => {
  const chains = await startChains()
  for (let round = 0; round < ROUNDS; round++) {
    const [unspent, spent] = [await codeForm(), await codeForm()]
    assert.equal((await requestToken(server.issuer, spent)).status, 200)
    await rotateUntilKilled(chains)
    await server.start()
    await expectNothingLostOrSpentTwice(chains, spent, unspent)
  }
})

test('a server that comes back without its last writes is found out', async () => {
  const chains = await startChains()
  const [unspent, spent] = [await codeForm(), await codeForm()]
  await server.kill()
  await server.copyData('before')
  await server.start()
  assert.equal((await requestToken(server.issuer, spent)).status, 200)
  await rotateUntilKilled(chains)
  await server.restoreData('before')
  await server.start()
  await assert.rejects(expectNothingLostOrSpentTwice(chains, spent, unspent), { code: 'ERR_ASSERTION' })
})
