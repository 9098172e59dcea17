// How long a token that was revoked is still served: from the request that revokes it until two guards in processes of their
// own have both refused it.
//   npm run bench:revocation                100 tries
//   npm run bench:revocation -- 1000        more
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { addCredential, requestToken, startStack, VET_ASSIST } from '@permitry/testkit'
import type { Guarded } from './guarded-server.ts'

const GOAL_MS = 1_000
const GIVEN_UP_MS = 10_000
const GUARDS = 2
const SCOPE = 'pet-profile:read'
const AGENT = { id: 'night-job', secret: '0123456789abcdef'.repeat(4) }

const tries = Number(process.argv[2] ?? 100)
if (!Number.isSafeInteger(tries) || tries < 1) throw new Error('say how many tries, such as 100')

const stack = await startStack({
  change(config) {
    const [app] = config.clients
    if (!app) throw new Error('the example has a client')
    // An agent, since it gets a new token in one request, and can revoke it in another.
    const agent = {
      ...app,
      ...AGENT,
      name: 'Night job',
      redirect_uris: [],
      post_logout_redirect_uris: [],
      grant_types: ['client_credentials' as const],
      roles: ['vet-staff'],
    }
    return { ...config, clients: [...config.clients, agent] }
  },
})
const children: ChildProcess[] = []
try {
  const told: Guarded = {
    issuer: stack.issuer,
    credential: await addCredential(stack),
    resource: stack.mcpUrl,
    names: [VET_ASSIST],
    scope: SCOPE,
  }
  const urls = await Promise.all(Array.from({ length: GUARDS }, () => startGuard(told)))
  const times: number[] = []
  for (let count = 1; count <= tries; count++) times.push(await revokeOnce(urls))
  report(times.toSorted((a, b) => a - b))
} finally {
  for (const child of children) {
    child.disconnect()
    // A guard takes its stream down, and there has to be somebody to tell.
    await once(child, 'exit')
  }
  await stack.close()
}

async function startGuard(guarded: Guarded): Promise<string> {
  const child = fork(new URL('./guarded-server.ts', import.meta.url))
  children.push(child)
  child.send(guarded)
  const [port] = (await once(child, 'message')) as [number]
  return `http://localhost:${port}/mcp`
}

/** Milliseconds from the request that revokes until the last guard has refused. */
async function revokeOnce(urls: readonly string[]): Promise<number> {
  const token = await getToken()
  // Both have it in their caches, and refuse nobody: the time of a guard that was not there would be none.
  for (const url of urls) await callWhile(503, url, token, 200)
  const headers = { authorization: `Basic ${btoa(`${AGENT.id}:${AGENT.secret}`)}` }
  const begun = performance.now()
  const revoking = fetch(`${stack.issuer}/revoke`, { method: 'POST', body: new URLSearchParams({ token }), headers })
  await Promise.all(urls.map((url) => callWhile(200, url, token, 401)))
  const taken = performance.now() - begun
  const { status } = await revoking
  if (status !== 200) throw new Error(`the authorization server did not revoke: ${status}`)
  return taken
}

async function getToken(): Promise<string> {
  const form = { client_id: AGENT.id, grant_type: 'client_credentials', resource: VET_ASSIST, scope: SCOPE }
  const { body } = await requestToken(stack.issuer, form, AGENT.secret)
  if (typeof body['access_token'] !== 'string') throw new Error(JSON.stringify(body))
  return body['access_token']
}

/** Calls one after the other until the answer is another one than `status`, which must be `expected`. */
async function callWhile(status: number, url: string, token: string, expected: number): Promise<void> {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_pets', arguments: {} } }
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
    authorization: `Bearer ${token}`,
  }
  const begun = performance.now()
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(message) })
    await response.arrayBuffer()
    if (response.status === expected) return
    if (response.status !== status) throw new Error(`a guard answered ${response.status} and not ${expected}`)
    if (performance.now() - begun > GIVEN_UP_MS) throw new Error(`a guard still answers ${status}`)
  }
}

function report(sorted: readonly number[]): void {
  const percentile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Infinity
  const [p50, p99, most] = [percentile(0.5), percentile(0.99), percentile(1)].map((time) => time.toFixed(0))
  console.log(
    `revoked to refused by ${GUARDS} guards, ${sorted.length} tries: p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`,
  )
  const isKept = percentile(0.99) < GOAL_MS
  console.log(`verdict: p99 is ${isKept ? 'under' : 'NOT UNDER'} ${GOAL_MS} ms`)
  if (!isKept) process.exitCode = 1
}
