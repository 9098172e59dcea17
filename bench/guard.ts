// What the guard costs: one `tools/call` over HTTP on the official SDK's server bare, behind the SDK's own bearer gate, and behind
// the guard, in turns. The servers share a process, so that they share its warmth and its garbage; the load is another one.
//   npm run bench:guard -- [rounds] [milliseconds of a round]
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROUNDS = Number(process.argv[2] ?? 15)
const ROUND_MS = Number(process.argv[3] ?? 1_000)
const WARM_UP_ROUNDS = 4
const FORMS = ['bare', 'gate', 'guard'] as const

type Form = (typeof FORMS)[number]
type Costs = Readonly<Record<Form, number>>

const children: ChildProcess[] = []
const start = (file: string, ...args: string[]): ChildProcess => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args)
  children.push(child)
  return child
}
const saidBy = async <T>(child: ChildProcess): Promise<T> => {
  const [said] = (await once(child, 'message')) as [T]
  return said
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const servers = start('./guard/servers.ts')
servers.once('exit', () => process.exit(1))
const { ports, token } = await saidBy<{ ports: Record<Form, number>; token: string }>(servers)

async function cpu(): Promise<number> {
  servers.send('cpu')
  const { user, system } = await saidBy<NodeJS.CpuUsage>(servers)
  return user + system
}

/** CPU microseconds of one call at the server. */
async function measure(form: Form): Promise<number> {
  const before = await cpu()
  const { answered } = await saidBy<{ answered: number }>(
    start('./gateway/load.ts', String(ports[form]), String(ROUND_MS), token),
  )
  if (answered === 0) throw new Error('nothing was answered')
  return ((await cpu()) - before) / answered
}

/** Each of them comes first in turn, so that none profits from its place. */
async function measureAll(round: number): Promise<Costs> {
  const costs: Record<Form, number> = { bare: 0, gate: 0, guard: 0 }
  for (let turn = 0; turn < FORMS.length; turn++) {
    const form = FORMS[(round + turn) % FORMS.length] ?? 'bare'
    costs[form] = await measure(form)
  }
  return costs
}

for (let round = 0; round < WARM_UP_ROUNDS; round++) await measureAll(round)
const rounds: Costs[] = []
for (let round = 0; round < ROUNDS; round++) {
  const costs = await measureAll(round)
  rounds.push(costs)
  console.log(
    `round ${round + 1}: ${FORMS.map((form) => `${form} ${costs[form].toFixed(0)}`).join(', ')} µs of CPU a call`,
  )
}

const least = (form: Form): number => Math.min(...rounds.map((costs) => costs[form]))
const ratios = (form: Form): number[] => rounds.map((costs) => costs[form] / costs.bare)
console.log(
  `least of ${ROUNDS} rounds: gate/bare ${(least('gate') / least('bare')).toFixed(2)}, guard/bare ${(least('guard') / least('bare')).toFixed(2)}`,
)
console.log(`gate/bare=${median(ratios('gate')).toFixed(2)}`)
console.log(`guard/bare=${median(ratios('guard')).toFixed(2)}`)
servers.removeAllListeners('exit')
for (const child of children) if (child.connected) child.disconnect()
