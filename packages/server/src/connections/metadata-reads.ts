// Reading the metadata changes nothing and is told nowhere; but whether a client came that far is the first thing that is asked
// of a connection that fails. So who read it is kept in memory for a few minutes, and told with the next step of the same caller.
import { callerNetwork } from '../http/client-address.ts'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import type { AuditEvent, AuditType } from '../audit/event.ts'

const KEPT_MS = 10 * 60_000
const MOST_READS = 2_000
/** `permitry doctor` is no client. */
const OURS = 'permitry-doctor'

/** A reading, as the audit tells it with the step that followed. */
export type MetadataRead = {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The program that took the step, or only somebody at the same address: a browser is another program than its client. */
  readonly by: 'client' | 'address'
}

/** What is known of a caller: nobody vouches for the program, which is as its author named it. */
interface Caller {
  readonly address: string
  readonly program: string
}

/** The last readings of a tenant's metadata, by whom. A flood of them costs the memory of some older ones and nothing else. */
export class MetadataReads {
  /** In order of time. */
  readonly #reads = new Map<string, number>()

  get size(): number {
    return this.#reads.size
  }

  note({ address, program }: Caller, now: number): void {
    if (program === OURS) return
    for (const key of [keyOf(address), keyOf(address, program)]) {
      // Deleted first, because a key keeps its place in the order.
      this.#reads.delete(key)
      this.#reads.set(key, now)
    }
    for (const [key, at] of this.#reads) {
      if (this.#reads.size <= MOST_READS && now - at <= KEPT_MS) return
      this.#reads.delete(key)
    }
  }

  /** When the program read the metadata, or where no program is asked for, somebody at the address. */
  find(address: string, program: string | undefined, now: number): MetadataRead | undefined {
    const at = this.#reads.get(keyOf(address, program))
    if (at === undefined || now - at > KEPT_MS) return undefined
    return { at, by: program === undefined ? 'address' : 'client' }
  }
}

function keyOf(address: string, program?: string): string {
  return JSON.stringify([callerNetwork(address), program?.slice(0, 200)])
}

/** Steps that a client takes itself, or has taken by the person's browser before anybody is known. */
const TOLD_WITH: ReadonlySet<AuditType> = new Set([
  'registration.refused',
  'authorization.refused',
  'token.minted',
  'token.refused',
  'token.replayed',
])

/** Notes that the caller of a request reads the metadata. */
export function noteMetadataRead(realm: Realm, c: Http): void {
  realm.metadataReads.note({ address: c.env.clientAddress, program: programOf(c) }, realm.now())
}

/**
 * The realm for one request: what it tells the audit of a step says when the caller had read the metadata, if that was a
 * short time ago. A request of a person's browser is told by address alone.
 */
export function tellingMetadataRead(realm: Realm, c: Http, isClient: boolean): Realm {
  const read = realm.metadataReads.find(c.env.clientAddress, isClient ? programOf(c) : undefined, realm.now())
  if (read === undefined) return realm
  const told = <T extends Pick<AuditEvent, 'type' | 'detail'>>(event: T): T =>
    TOLD_WITH.has(event.type) ? { ...event, detail: { ...event.detail, metadata_read: read } } : event
  return {
    ...realm,
    unit: (work) =>
      realm.unit((t) =>
        work({ ...t, audit: (event) => t.audit(told(event)), auditRefused: (event) => t.auditRefused(told(event)) }),
      ),
  }
}

function programOf(c: Http): string {
  return c.req.header('user-agent') ?? ''
}
