// `npm start`: the authorization server, the clinic's MCP server and the app of its clients, until Ctrl-C.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readEnvironment, repository } from './environment.ts'
import { busyPorts } from './ports.ts'
import { makeServerCredential } from './server-credential.ts'
import { startServer } from './server-process.ts'
import { welcome } from './welcome.ts'

const { issuer, mcpUrl, appUrl, ports, dataDir, shownDataDir, variables } = readEnvironment()
const here = join(repository, 'examples/vet-assist')

// Before anything is made: three servers would each complain about a port of its own.
const busy = await busyPorts(ports)
if (busy.length > 0) {
  console.error(
    busy.length === Object.keys(ports).length
      ? `the example seems to run already at ${appUrl}: end that \`npm start\` first, or set ${busy.join(', ')} to other ports`
      : `busy: ${busy.map((name) => `port ${ports[name]}`).join(', ')}; end what listens there, or set ${busy.join(', ')} to another port`,
  )
  process.exit(1)
}

mkdirSync(dataDir, { recursive: true, mode: 0o700 })
makeAppSecret(join(repository, '.data/vet-assist-ai.secret'))
makeServerCredential({ command: 'permitry', folder: here, file: join(dataDir, 'vetassist.credential.json'), variables })

const servers: ReturnType<typeof startServer>[] = []
const oneEnded = Promise.withResolvers<void>()
let isStopping = false
const stop = () => {
  isStopping = true
  servers.forEach((server) => server.stop())
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
process.on('exit', stop)
// npm that is ended takes its shell along and tells nobody below it: without this the servers would go on unseen.
const parent = process.ppid
setInterval(() => process.ppid === parent || stop(), 500).unref()

// What went wrong stands on the terminal already, in the words of the server that ended.
startAll().catch(stop)
// A part of the example is of no use: when one ends, so do the others.
await oneEnded.promise
stop()
const codes = await Promise.all(servers.map(({ ended }) => ended))
process.exitCode = Math.max(...codes)

async function startAll(): Promise<void> {
  await start({
    command: 'permitry',
    args: ['serve', '--apply', '--config', join(here, 'permitry.yaml')],
    variables,
    readyWhen: /"msg":"ready"/,
    logFile: join(dataDir, 'permitry.log'),
  })
  if (isStopping) return
  // These ask the authorization server at once, and would complain of one that is not there yet.
  await Promise.all([
    start({
      command: process.execPath,
      args: [join(here, 'mcp-server/src/main.ts')],
      variables,
      readyWhen: /^VetAssist MCP server: /,
      logFile: join(dataDir, 'vet-assist.log'),
    }),
    start({
      command: process.execPath,
      args: [join(here, 'app/src/main.ts')],
      variables,
      readyWhen: /^Vet Assist AI: /,
      logFile: join(dataDir, 'vet-assist-app.log'),
    }),
  ])
  console.log(welcome({ issuer, mcpUrl, appUrl, logs: join(shownDataDir, '*.log') }))
}

function start(options: Parameters<typeof startServer>[0]): Promise<void> {
  const server = startServer(options)
  servers.push(server)
  void server.ended.then(() => oneEnded.resolve())
  return server.ready
}

/** The secret of the app `vet-assist-ai`, which `permitry.yaml` reads from this file: made once, for this machine only. */
function makeAppSecret(file: string): void {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
}
