// What the gateway costs: `tools/call` with token check, rules and input schemas on, against a proxy of undici's dispatch that
// looks at nothing, and nginx where it is installed. In turns, since such machines change their speed from one second to the
// next; each server, the MCP server behind it and the load are processes of their own.
//   npm run bench:gateway -- [rounds] [milliseconds of a round]
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startNginx } from './gateway/nginx.ts'

const ROUNDS = Number(process.argv[2] ?? 7)
const ROUND_MS = Number(process.argv[3] ?? 2_000)
/** Until then V8 has compiled what it will compile, and the first seconds of a process would count against it. */
const WARM_UP_ROUNDS = 3

interface Contender {
  readonly name: string
  readonly port: number
  readonly token?: string
  /** Microseconds of CPU since it began; unknown for what is no process of ours. */
  readonly cpu: () => Promise<number | undefined>
}

interface Measured {
  readonly perSecond: number
  readonly cpuPerCall: number | undefined
}

const children: ChildProcess[] = []
const start = (file: string, ...args: string[]): ChildProcess => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args)
  children.push(child)
  return child
}
const saidBy = async <T>(child: ChildProcess): Promise<T> => {
  // What was not waited for in the end is not listened for any longer.
  const listening = new AbortController()
  const { signal } = listening
  try {
    const [said] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() =>
        Promise.reject(new Error(`a process of the benchmark ended: ${child.spawnargs.at(-1)}`)),
      ),
    ])) as [T]
    return said
  } finally {
    listening.abort()
  }
}

async function contender(name: string, file: string, upstream: string): Promise<Contender> {
  const child = start(file, upstream)
  const ready = await saidBy<{ port: number; token?: string }>(child)
  return {
    name,
    ...ready,
    async cpu() {
      child.send('cpu')
      const { user, system } = await saidBy<NodeJS.CpuUsage>(child)
      return user + system
    },
  }
}

async function measure({ port, token, cpu }: Contender): Promise<Measured> {
  const before = await cpu()
  // A token goes along everywhere, so that every request has the same size.
  const load = start(
    './gateway/load.ts',
    String(port),
    String(ROUND_MS),
    token ?? contenders.find((one) => one.token)?.token ?? '',
  )
  const { answered } = await saidBy<{ answered: number }>(load)
  const after = await cpu()
  if (answered === 0) throw new Error('nothing was answered')
  const used = before === undefined || after === undefined ? undefined : (after - before) / answered
  return { perSecond: answered / (ROUND_MS / 1000), cpuPerCall: used }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** By which to see whether the machine was quiet enough for the median to say something. */
const spread = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`

const { port: upstreamPort } = await saidBy<{ port: number }>(start('./gateway/upstream.ts'))
const upstream = `http://127.0.0.1:${upstreamPort}/mcp`
const nginx = await startNginx(upstream)
const contenders: Contender[] = [
  await contender('proxy', '../packages/gateway/src/bench/bare-proxy.ts', upstream),
  await contender('gateway', '../packages/gateway/src/bench/gateway.ts', upstream),
]
if (nginx) contenders.push({ name: 'nginx', port: nginx.port, cpu: async () => undefined })
else console.log('nginx is not installed, so it is left out: `apt-get install nginx-light` adds it')

try {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) for (const one of contenders) await measure(one)
  const ratios: number[] = []
  const cpuRatios: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const results = new Map<string, Measured>()
    // Now one begins and now the other.
    for (const one of round % 2 === 0 ? contenders.toReversed() : contenders) results.set(one.name, await measure(one))
    const [proxy, gateway] = [results.get('proxy'), results.get('gateway')]
    if (!proxy || !gateway) throw new Error('a contender is missing')
    ratios.push(gateway.perSecond / proxy.perSecond)
    cpuRatios.push((proxy.cpuPerCall ?? Number.NaN) / (gateway.cpuPerCall ?? Number.NaN))
    const line = contenders.map(({ name }) => {
      const { perSecond = 0, cpuPerCall } = results.get(name) ?? {}
      return `${name} ${perSecond.toFixed(0)}/s${cpuPerCall === undefined ? '' : ` (${cpuPerCall.toFixed(0)} µs of CPU)`}`
    })
    console.log(`round ${round}: ${line.join(', ')}`)
  }
  console.log(`CPU proxy/gateway, median of ${ROUNDS} rounds: ${median(cpuRatios).toFixed(2)} (${spread(cpuRatios)})`)
  console.log(`requests gateway/proxy, median of ${ROUNDS} rounds: ${median(ratios).toFixed(2)} (${spread(ratios)})`)
  console.log(`gateway/proxy=${median(ratios).toFixed(2)}`)
} finally {
  nginx?.close()
  for (const child of children) if (child.connected) child.disconnect()
}
