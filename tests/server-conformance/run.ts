// `npm run conformance:server`: the official suite in server mode, against a server bare and behind the guard, check by check.
//   --front gateway  the gateway in the place of the guard
//   --server URL     another server than the fixture, e.g. the official everything server
//   --sabotage       spoils the guard on purpose; each of these runs must turn red
import { parseArgs } from 'node:util'
import { listen } from '@permitry/testkit'
import { startIssuer } from '../conformance/mcp-issuer.ts'
import { faultsOf } from './compare.ts'
import { createFixture } from './fixture/server.ts'
import { gatewayFront } from './gateway-front.ts'
import {
  forwardTo,
  type Front,
  guardFront,
  offersOf,
  type Running,
  SCOPE,
  startInjecting,
  type Target,
} from './fronts.ts'
import { SABOTAGES } from './sabotage.ts'
import { type Check, runSuite, type Selection } from './suite.ts'

const REVISIONS = ['2026-07-28', '2025-11-25']

/** The fixture listens bare, and each thing in front of it gets a fixture of its own in its process. */
async function startTarget(server: string | undefined): Promise<Target & Pick<Running, 'close'>> {
  if (server !== undefined) {
    const target = { url: server, handler: forwardTo(server), offers: await offersOf(server) }
    return { ...target, close: async () => {} }
  }
  const listening = await listen()
  const bare = createFixture()
  listening.serve((request) => bare(request))
  const url = `${listening.origin}/mcp`
  return { url, handler: createFixture(), offers: await offersOf(url), close: () => listening.close() }
}

/** Runs the suite through a front, with a token that opens everything. */
async function runBehind(front: Front, target: Target, selection: Selection): Promise<Check[]> {
  let resource = ''
  await using issuer = await startIssuer(() => resource)
  const running = await front(target, issuer)
  resource = running.url
  const token = await issuer.token({ scope: SCOPE, entitlements: [SCOPE] })
  const injecting = await startInjecting(running, token)
  try {
    return await runSuite(injecting.url, selection)
  } finally {
    await injecting.close()
    await running.close()
  }
}

/** Says what is different behind the front, and gives it back. */
async function compare(front: Front, target: Target, selection: Selection): Promise<string[]> {
  const bare = await runSuite(target.url, selection)
  const behind = await runBehind(front, target, selection)
  const count = (status: Check['status']) => bare.filter((check) => check.status === status).length
  const faults = faultsOf(bare, behind)
  console.log(
    `${faults.length === 0 ? '✔' : '✖'} ${selection.revision}: ${new Set(bare.map(({ scenario }) => scenario)).size} scenarios, ` +
      `${bare.length} checks: bare ${count('SUCCESS')} passed, ${count('FAILURE')} failed; ${faults.length} different behind`,
  )
  for (const fault of faults) console.log(`    ${fault}`)
  for (const { scenario, id, errorMessage } of bare.filter(({ status }) => status === 'FAILURE')) {
    console.log(`    (fails without the guard too: ${scenario} ${id}: ${errorMessage ?? ''})`)
  }
  return faults
}

const FRONTS: Readonly<Record<string, Front>> = { guard: guardFront, gateway: gatewayFront }

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    front: { type: 'string', default: 'guard' },
    sabotage: { type: 'boolean', default: false },
  },
})
const front = FRONTS[values.front]
if (front === undefined) throw new Error(`--front is one of ${Object.keys(FRONTS).join(', ')}`)
const target = await startTarget(values.server)
let failed = 0
try {
  if (values.sabotage) {
    for (const { name, front: spoilt, ...selection } of SABOTAGES) {
      console.log(`sabotage: ${name}`)
      if ((await compare(spoilt, target, selection)).length === 0) failed += 1
    }
  } else {
    for (const revision of REVISIONS) failed += (await compare(front, target, { revision })).length
  }
} finally {
  await target.close()
}
const what = values.sabotage ? 'sabotages went unnoticed' : 'differences'
console.log(`\n${failed === 0 ? '✔' : '✖'} server mode: ${failed} ${what}`)
process.exitCode = failed === 0 ? 0 : 1
