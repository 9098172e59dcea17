import { isLoopbackHost } from '@permitry/oauth'
import type { CryptoKey } from 'jose'
import type { Operator } from './commands/run.ts'
import { MetadataReads } from './connections/metadata-reads.ts'
import type { NoncePolicy } from './dpop/nonce.ts'
import { envelopeKey } from './keys/key-pair.ts'
import { PublishedKeys } from './keys/published-keys.ts'
import { deriveKey } from './keys/secrets.ts'
import type { Outbound } from './outbound/outbound.ts'
import { EpochWatch } from './signals/epoch-watch.ts'
import { DocumentFlights } from './register/document/flights.ts'
import { DEFAULT_POLICY, type DynamicClientPolicy } from './register/policy.ts'
import { inTenant, type InTenant, inUnit, type InUnit } from './store/in-tenant.ts'
import type { ConsoleSession } from './store/repositories/console-sessions.ts'
import type { Store } from './store/store.ts'

export const DEFAULT_TENANT = 'default'

/** What every request handler works with: one tenant's issuer, store and secrets. Nothing here outlives a revocation. */
export interface Realm {
  readonly tenant: string
  /** What people call the organisation; empty when nobody said. */
  readonly name: string
  /** Byte for byte what metadata, `iss` parameters and tokens say. */
  readonly issuer: string
  /** The server runs on the own machine of whoever develops with it. */
  readonly onLoopback: boolean
  readonly dynamicClients: DynamicClientPolicy
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs a group-committed unit of work; see the store for what a unit may do. */
  unit<T>(work: (t: InUnit) => Promise<T>): Promise<T>
  read<T>(work: (t: InTenant) => Promise<T>): Promise<T>
  /** In whose name commands are run. */
  operatorFor(actor: Operator['actor']): Operator
  readonly secrets: {
    readonly flow: Buffer
    readonly envelope: Buffer
    readonly shortCodes: Buffer
    readonly dpopNonces: Buffer
    /** With which the console's backend authenticates as a client. */
    readonly consoleClient: string
    /** Under which cursors of the admin API are known again. */
    readonly cursors: Buffer
  }
  /** Wakes whoever waits for the next revocation. */
  readonly epochs: EpochWatch
  /** Whose DPoP proofs need a nonce of ours. */
  readonly dpopNonces: NoncePolicy
  readonly privateKeys: KeyCache
  /** Looks at logos that are under way in this process, by client. */
  readonly logoFlights: Map<string, Promise<string | undefined>>
  /** Fetches of client documents that are under way in this process. */
  readonly documentFlights: DocumentFlights
  /** Who read the metadata lately from this process. */
  readonly metadataReads: MetadataReads
  /** Refreshes of console sessions that are under way in this process, by session. */
  readonly consoleFlights: Map<string, Promise<ConsoleSession | undefined>>
  /** The only way to URLs that somebody else chose. */
  readonly outbound: Outbound
  /** Certificates in PEM that are trusted beside those of the system, where the server connects to others. */
  readonly extraCaCertificates: readonly string[]
  /** Keys of clients that publish them. */
  readonly publishedKeys: PublishedKeys
}

/** Imported private keys by `kid`. Which key signs is read from the database each time, so this cannot outlive a rotation. */
export class KeyCache {
  readonly #keys = new Map<string, Promise<CryptoKey | Uint8Array>>()

  get(kid: string, load: () => Promise<CryptoKey | Uint8Array>): Promise<CryptoKey | Uint8Array> {
    const key = this.#keys.get(kid) ?? load()
    this.#keys.set(kid, key)
    return key
  }
}

export interface RealmOptions {
  readonly store: Store
  /** The issuer of the default tenant; another tenant's is `{issuer}/t/{tenant}`. */
  readonly issuer: string
  readonly masterKey: Uint8Array
  /** Documents of all hosts and registration are taken when left out. */
  readonly dynamicClients?: DynamicClientPolicy
  readonly now: () => number
  readonly outbound: Outbound
  readonly extraCaCertificates?: readonly string[]
  /** Whose DPoP proofs need a nonce of ours; those of clients that must use DPoP when left out. */
  readonly dpopNonces?: NoncePolicy
}

/** The issuer of a tenant, below that of the default one (design decision 10). */
export function issuerOf(issuer: string, tenant: string): string {
  return tenant === DEFAULT_TENANT ? issuer : `${issuer}/t/${tenant}`
}

export function createRealm(tenant: string, options: RealmOptions): Realm {
  const { store, issuer, masterKey, now, outbound } = options
  const { dynamicClients = DEFAULT_POLICY, dpopNonces = 'bound_clients' } = options
  return {
    tenant,
    name: '',
    issuer: issuerOf(issuer, tenant),
    onLoopback: isLoopbackHost(new URL(issuer).hostname),
    dynamicClients,
    now,
    unit: (work) => store.unit((tx) => work(inUnit(tx, tenant, now))),
    read: (work) => store.read((db) => work(inTenant(db, tenant))),
    operatorFor: (actor) => ({ store, tenant, actor, now }),
    secrets: {
      flow: deriveKey(masterKey, `flow ${tenant}`),
      envelope: envelopeKey(masterKey),
      shortCodes: deriveKey(masterKey, `short codes ${tenant}`),
      dpopNonces: deriveKey(masterKey, `dpop nonces ${tenant}`),
      consoleClient: deriveKey(masterKey, `console client ${tenant}`).toString('base64url'),
      cursors: deriveKey(masterKey, `cursors ${tenant}`),
    },
    epochs: new EpochWatch({
      read: async () => (await store.read((db) => inTenant(db, tenant).tenants.current()))?.epoch ?? 0,
      subscribe: (look) => store.onRevoked((one) => (one === tenant ? look() : undefined)),
    }),
    dpopNonces,
    privateKeys: new KeyCache(),
    documentFlights: new DocumentFlights(),
    metadataReads: new MetadataReads(),
    outbound,
    extraCaCertificates: options.extraCaCertificates ?? [],
    logoFlights: new Map(),
    consoleFlights: new Map(),
    publishedKeys: new PublishedKeys(outbound, now),
  }
}
