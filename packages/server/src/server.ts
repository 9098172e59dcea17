import { checkIssuer, isLoopbackHost } from '@permitry/oauth'
import { consoleClient } from './access/built-in.ts'
import { createCheckpointSigner } from './audit/checkpoint-key.ts'
import { writeCheckpoint } from './audit/checkpoint.ts'
import { completeBuiltIn } from './commands/built-in.ts'
import { isTenantId } from './commands/tenant.ts'
import { type Arrival, isArrivalQuestion } from './discovery/arrival.ts'
import { clientAddress, trustProxies } from './http/client-address.ts'
import type { Bindings } from './http/endpoint.ts'
import { rotateKeys } from './keys/rotation.ts'
import { sha256 } from './keys/secrets.ts'
import { createOutbound, type Outbound } from './outbound/outbound.ts'
import { DEFAULT_POLICY } from './register/policy.ts'
import { createRealm, DEFAULT_TENANT, type Realm, type RealmOptions } from './realm.ts'
import { createRoutes } from './routes.ts'
import { forgetExpired } from './store/forget-expired.ts'
import { inTenant } from './store/in-tenant.ts'

const DAY = 24 * 3_600_000

export interface AuthorizationServerOptions extends Omit<RealmOptions, 'now' | 'outbound'> {
  /** Milliseconds since the epoch; the system's clock when left out. */
  readonly now?: () => number
  /** Addresses and CIDR ranges of proxies whose forwarding headers count; nobody's when left out. */
  readonly trustedProxies?: readonly string[]
  /** How long a key signs before the next one takes over; never by age when left out. */
  readonly rotateKeysDays?: number
  /** Certificates in PEM that are trusted beside those of the system, for documents, keys and logos of clients. */
  readonly extraCaCertificates?: readonly string[]
  /** The way to URLs that somebody else chose; the guarded fetcher unless a test gives its own. */
  readonly outbound?: Outbound
  /** Told of every fault, with the request id that the person or client was given. */
  readonly onFault?: (fault: unknown, requestId: string) => void
}

export interface AuthorizationServer {
  fetch(request: Request, bindings?: Bindings): Response | Promise<Response>
  /** Deletes what expired, in every tenant; whoever runs the server calls it every few minutes. */
  forgetExpired(): Promise<void>
  /** Signs where every tenant's audit stands, for whoever has not exported it yet; to be called every few minutes too. */
  checkpointAudit(): Promise<void>
  /** Publishes the next signing keys of every tenant when those of now grow old; to be called every few minutes too. */
  rotateKeys(): Promise<void>
}

/** The authorization server as a web-standard handler. The default tenant exists with its signing keys when this resolves. */
export async function createAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const { store, issuer, masterKey, now = Date.now, onFault = () => {}, rotateKeysDays = Infinity } = options
  const isTrusted = trustProxies(options.trustedProxies ?? [])
  const issuerFault = checkIssuer(issuer)
  if (issuerFault !== undefined) throw new TypeError(issuerFault)
  const allowLoopback = isLoopbackHost(new URL(issuer).hostname)
  const { extraCaCertificates = [], outbound = createOutbound({ allowLoopback, extraCaCertificates }) } = options
  const { dynamicClients = DEFAULT_POLICY, dpopNonces = 'bound_clients' } = options
  const realmOptions = { store, issuer, masterKey, dynamicClients, dpopNonces, now, outbound, extraCaCertificates }
  const realms = new Map<string, Promise<Realm>>()

  const asPermitry = (realm: Realm) => realm.operatorFor({ kind: 'system', id: 'permitry' })
  const rotateKeysOf = (realm: Realm, maxAgeDays: number): Promise<unknown> =>
    rotateKeys(asPermitry(realm), realm.secrets.envelope, maxAgeDays * DAY)
  const openRealm = async (tenant: string): Promise<Realm> => {
    const realm = createRealm(tenant, realmOptions)
    await rotateKeysOf(realm, Infinity)
    await completeBuiltIn(asPermitry(realm), consoleClient(realm.issuer, sha256(realm.secrets.consoleClient)))
    return realm
  }
  /** Whether the tenant is active is read each time: a realm is kept, a tenant's life is not. */
  const realmOf = async (tenant: string): Promise<Realm | undefined> => {
    // Whatever stands in a path comes here: what can be no tenant is not looked up.
    if (!isTenantId(tenant)) return undefined
    const current = await options.store.read((db) => inTenant(db, tenant).tenants.current())
    if (!current?.active) return undefined
    const realm = realms.get(tenant) ?? openRealm(tenant)
    realms.set(tenant, realm)
    // A failed opening is not remembered: the next request tries again.
    realm.catch(() => realms.delete(tenant))
    return { ...(await realm), name: current.name }
  }

  const tenantIds = async (): Promise<string[]> => {
    const rows = await options.store.read((db) => db.selectFrom('tenants').select('id').execute())
    return rows.map(({ id }) => id)
  }

  await createRealm(DEFAULT_TENANT, realmOptions).unit((t) => t.tenants.ensure('', now()))
  await realmOf(DEFAULT_TENANT)
  const routes = createRoutes({ realmOf, onFault })
  return {
    fetch(request, bindings) {
      const forwarded = request.headers.get('forwarded') ?? undefined
      const xForwardedFor = request.headers.get('x-forwarded-for') ?? undefined
      const from = clientAddress(bindings?.remoteAddress, { forwarded, xForwardedFor }, isTrusted)
      if (isArrivalQuestion(request, options.masterKey, now()))
        return Response.json({
          remote_address: bindings?.remoteAddress,
          client_address: from,
          from_trusted_proxy: isTrusted(clientAddress(bindings?.remoteAddress, {}, () => false)),
          host: request.headers.get('host') ?? undefined,
          forwarded,
          x_forwarded_for: xForwardedFor,
          x_forwarded_proto: request.headers.get('x-forwarded-proto') ?? undefined,
        } satisfies Arrival)
      return routes.fetch(request, { clientAddress: from })
    },
    async forgetExpired() {
      for (const tenant of await tenantIds()) await forgetExpired(options.store, tenant, now())
    },
    async rotateKeys() {
      for (const tenant of await tenantIds()) {
        const realm = await realmOf(tenant)
        if (realm) await rotateKeysOf(realm, rotateKeysDays)
      }
    },
    async checkpointAudit() {
      for (const tenant of await tenantIds()) {
        await writeCheckpoint(options.store, createCheckpointSigner(options.masterKey, tenant), now())
      }
    },
  }
}
