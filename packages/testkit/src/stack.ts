import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  createAuthorizationServer,
  createTenant,
  DEFAULT_TENANT,
  openStore,
  runCommand,
  type Store,
} from '@permitry/server'
import { applyClinic, type ClinicChange } from './clinic.ts'

export interface StackOptions {
  /** Another public address than where it listens, as behind a proxy that ends TLS. */
  readonly issuer?: string
  /** Milliseconds since the epoch; a test that needs time to pass moves it. */
  readonly now?: () => number
  /** With `127.0.0.1` a test says by `X-Forwarded-For` where it comes from. */
  readonly trustedProxies?: readonly string[]
  /** How long a signing key signs; never replaced by age when left out. */
  readonly rotateKeysDays?: number
  /** What is done with clients that nobody registered; the server's defaults when left out. */
  readonly dynamicClients?: NonNullable<AuthorizationServerOptions['dynamicClients']>
  /** Fetches what clients publish, in the place of the guarded fetcher. */
  readonly outbound?: NonNullable<AuthorizationServerOptions['outbound']>
  /** Told of faults; standard error when left out. */
  readonly onFault?: (fault: unknown) => void
  /** Further variables of the example's `permitry.yaml`, such as the port of the app. */
  readonly environment?: Readonly<Record<string, string>>
  /** Certificates that are trusted beside those of the system, for hosts of clients that a test starts. */
  readonly extraCaCertificates?: readonly string[]
  /** Tenants beside the default one, each with the clinic. */
  readonly tenants?: readonly string[]
  /** Changes what the example declares. */
  readonly change?: ClinicChange
}

/** A running authorization server on an ephemeral port with the vet clinic in a temporary SQLite file. */
export interface Stack {
  readonly issuer: string
  /** Where it listens: the issuer, unless an option says another. */
  readonly origin: string
  /** The address that the guarded MCP server of a test should listen on. */
  readonly mcpUrl: string
  readonly store: Store
  readonly server: AuthorizationServer
  /** Puts the MCP server of a test at `mcpUrl`. */
  serveMcp(handler: (request: Request) => Response | Promise<Response>): void
  close(): Promise<void>
}

export async function startStack({
  environment = {},
  tenants = [],
  change,
  ...options
}: StackOptions = {}): Promise<Stack> {
  // Whatever is open already is closed again when a later step fails.
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'permitry-'))
  opened.defer(() => rm(folder, { recursive: true }))
  const store = await openStore({ url: join(folder, 'permitry.db') })
  opened.defer(() => store.close())
  const authorization = opened.use(await listen())
  const mcp = opened.use(await listen('localhost'))
  const mcpUrl = `${mcp.origin}/mcp`
  const issuer = options.issuer ?? authorization.origin
  const server = await createAuthorizationServer({
    store,
    masterKey: new Uint8Array(32).fill(7),
    onFault: (fault) => console.error(fault),
    ...options,
    issuer,
  })
  const addresses = { ...environment, VETASSIST_MCP_PORT: new URL(mcpUrl).port }
  await applyClinic(store, addresses, DEFAULT_TENANT, change)
  for (const tenant of tenants) {
    const actor = { kind: 'system', id: 'testkit' } as const
    const made = await runCommand({ store, tenant, actor, now: Date.now }, createTenant, { name: '' })
    if (!made.ok) throw new Error(JSON.stringify(made.error))
    await applyClinic(store, addresses, tenant, change)
  }
  authorization.serve((request, remoteAddress) => server.fetch(request, { remoteAddress }))
  const running = opened.move()
  return {
    issuer,
    origin: authorization.origin,
    mcpUrl,
    store,
    server,
    serveMcp: (handler) => mcp.serve(handler),
    close: () => running.disposeAsync(),
  }
}

type Handler = (request: Request, remoteAddress: string | undefined) => Response | Promise<Response>

/** A port of loopback with a handler that may come later; `await using` closes it with its block. */
export interface Listening extends AsyncDisposable {
  readonly origin: string
  serve(handler: Handler): void
  close(): Promise<void>
}

/** Listens before there is a handler, because issuer and resource must know their ports. */
export async function listen(host = '127.0.0.1'): Promise<Listening> {
  let handler: Handler = () => new Response('not ready', { status: 503 })
  const listener = getRequestListener((request, { incoming }) => handler(request, incoming.socket.remoteAddress))
  const server: Server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections()))
  return {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    serve: (next) => void (handler = next),
    close,
    [Symbol.asyncDispose]: close,
  }
}
