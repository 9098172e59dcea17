import {
  createAuthorizationServer,
  DEFAULT_TENANT,
  offerSetupLink,
  type AuthorizationServer,
  type Config,
  type Store,
  WrongMasterKey,
} from '@permitry/server'
import { CliError } from '../cli-error.ts'
import { applyUnasked } from '../commands/apply.ts'
import { serverMasterKey } from '../master-key.ts'
import { openDatabase } from '../open-database.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { ensureDefaultTenant, prepareDataDir } from '../with-operator.ts'
import { createAnswer } from './answer.ts'
import { listen, type Listener } from './listen.ts'
import { createLog, type Log } from './log.ts'
import { selfTest } from './self-test.ts'

export interface ServeOptions {
  readonly config: Config
  /** Whether the configuration is brought into the database first. */
  readonly apply: boolean
  /** The address to listen at; that of the issuer's loopback name when left out. */
  readonly host: string | undefined
  /** Told of the issuer, with the port that the system chose, when the server answers. */
  readonly ready?: (issuer: string) => void
}

const DRAIN_MS = 10_000
const HOUSEKEEPING_MS = 60_000

/** Runs the authorization server until the process is asked to stop. Resolves when nothing of it is left. */
export async function serve(terminal: Terminal, { config, apply, host, ready }: ServeOptions): Promise<void> {
  const settings = readSettings(terminal.environment, terminal.folder)
  const log = createLog(terminal.stdout)
  const address = listeningAddress(config.issuer, host, settings.port)
  prepareDataDir(settings, true)
  const masterKey = serverMasterKey(settings, address.isLoopback)
  const stopRequested = terminal.stopRequested()

  const listener = await listen(address.host, address.port)
  try {
    const store = await openDatabase(settings)
    try {
      await runOn(listener, store)
    } finally {
      await store.close()
    }
  } catch (error) {
    await listener.drain(0)
    throw error
  }
  log.info('stopped')

  async function runOn(listener: Listener, store: Store): Promise<void> {
    const issuer = withPort(config.issuer, listener.port)
    const operator = { store, tenant: DEFAULT_TENANT, actor: { kind: 'system', id: 'serve' }, now: Date.now } as const
    await ensureDefaultTenant(operator)
    if (apply) log.info('configuration applied', { changes: (await applyUnasked(operator, config)).changes.length })

    const { documents, registration, public: publicClients } = config.dynamic_clients
    const { allowed_hosts: allowedHosts, blocked_hosts: blockedHosts } = config.dynamic_clients
    const onFault = (fault: unknown, requestId: string) => log.error('request failed', fault, { requestId })
    const server = await createAuthorizationServer({
      store,
      issuer,
      masterKey,
      trustedProxies: config.trusted_proxies,
      extraCaCertificates: config.extra_ca_certificates,
      rotateKeysDays: config.signing_keys.rotate_days,
      dynamicClients: { documents, registration, publicClients, allowedHosts, blockedHosts },
      dpopNonces: config.dpop.nonces,
      onFault,
    }).catch((error: unknown) => {
      throw error instanceof WrongMasterKey ? new CliError(error.message, { cause: error }) : error
    })
    listener.handle(createAnswer(server, log))
    await checkOwnAddress(issuer, address.isLoopback, log)
    log.info('ready', { issuer, host: address.host, port: listener.port })
    const link = await offerSetupLink(operator, issuer)
    // Not into the log, which is kept and collected: whoever reads it could become owner.
    if (link !== undefined)
      terminal.stderr.write(`There is no owner yet. To make the first one, open within an hour:\n  ${link}\n`)
    ready?.(issuer)
    await runUntil(stopRequested, server, log)
    log.info('stopping')
    await listener.drain(DRAIN_MS)
    await server.checkpointAudit()
  }
}

/** Where to listen. A port of the environment comes first: behind a proxy the issuer's port is the proxy's. */
function listeningAddress(issuer: string, host: string | undefined, port: number | undefined) {
  const { hostname, port: issuerPort, protocol } = new URL(issuer)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const ownHost = hostname === '[::1]' ? '::1' : '127.0.0.1'
  const ownPort = protocol === 'http:' ? Number(issuerPort || 80) : 9400
  return { isLoopback, host: host ?? ownHost, port: port ?? ownPort }
}

/** With port 0 the system chooses a free port, which then belongs to the issuer. */
function withPort(issuer: string, port: number): string {
  return new URL(issuer).port === '0' ? issuer.replace(/:0$/, `:${port}`) : issuer
}

/** On this machine a wrong answer is a fault; through a proxy, which may start later, it is a warning. */
async function checkOwnAddress(issuer: string, isLoopback: boolean, log: Log): Promise<void> {
  const problem = await selfTest(issuer)
  if (problem === undefined) return
  if (isLoopback) throw new CliError(`the server does not reach itself: ${problem}`)
  log.warn(`clients will not reach this server: ${problem}`)
}

/** Deletes what expired, rotates keys and signs the audit every minute, until the process is asked to stop. */
async function runUntil(stopRequested: Promise<void>, server: AuthorizationServer, log: Log): Promise<void> {
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running
      .then(() => server.forgetExpired())
      .then(() => server.rotateKeys())
      .then(() => server.checkpointAudit())
      .catch((fault: unknown) => log.error('housekeeping failed', fault))
  }, HOUSEKEEPING_MS)
  await stopRequested
  clearInterval(timer)
  await running
}
