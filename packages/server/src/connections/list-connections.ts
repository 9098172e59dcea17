// How clients that came lately got on, read from the audit: what they did, step by step, and where they were refused.
import type { AuditType, Json } from '../audit/event.ts'
import type { Operator } from '../commands/run.ts'
import { inTenant } from '../store/in-tenant.ts'
import type { MetadataRead } from './metadata-reads.ts'
import { remedyFor } from './remedies.ts'

/** One attempt of a client to connect: what it did without a long pause. */
export interface Connection {
  /** Undefined when nobody could say who it was. */
  readonly clientId: string | undefined
  readonly clientName: string | undefined
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly steps: readonly ConnectionStep[]
}

export interface ConnectionStep {
  readonly at: number
  readonly type: ConnectionEvent | 'metadata.read'
  readonly ok: boolean
  readonly reason?: string
  /** What the client was told, or asked for. */
  readonly detail: { readonly [name: string]: Json }
  /** What to do about it, when it is a refusal. */
  readonly fix?: string
}

/** What of the audit is about a client that connects. */
const EVENTS = [
  'client.changed',
  'registration.refused',
  'authorization.refused',
  'login.succeeded',
  'login.refused',
  'consent.granted',
  'consent.refused',
  'token.minted',
  'token.refused',
  'token.replayed',
  'signals.refused',
] as const satisfies readonly AuditType[]
type ConnectionEvent = (typeof EVENTS)[number]

/** A person who reads a consent page thoroughly takes less. */
const LONGEST_PAUSE_MS = 10 * 60_000
const MOST_EVENTS = 1_000

/** The newest connections first. Looks at the last thousand events and no further. */
export async function listConnections(operator: Operator, limit: number): Promise<Connection[]> {
  const { store, tenant } = operator
  const rows = await store.scan((db) =>
    db
      .selectFrom('audit_events')
      .select(['at', 'seq', 'type', 'outcome', 'client_id', 'reason', 'detail'])
      .where('tenant', '=', tenant)
      .where('type', 'in', EVENTS)
      .orderBy('at', 'desc')
      .orderBy('seq', 'desc')
      .limit(MOST_EVENTS),
  )
  const attempts: Attempt[] = []
  const open = new Map<string | null, Attempt>()
  for (const row of rows.toReversed()) {
    const last = open.get(row.client_id)
    const isNew = !last || row.at - last.lastAt > LONGEST_PAUSE_MS
    const attempt = isNew ? { clientId: row.client_id, startedAt: row.at, lastAt: row.at, steps: [], reads: [] } : last
    if (isNew) attempts.push(attempt)
    open.set(row.client_id, attempt)
    attempt.lastAt = row.at
    const { metadata_read: read, ...detail } = JSON.parse(row.detail) as ToldDetail
    if (read !== undefined) attempt.reads.push(read)
    attempt.steps.push(stepOf(row, detail))
  }
  for (const attempt of attempts) addMetadataRead(attempt)
  const newest = attempts.toSorted((a, b) => b.lastAt - a.lastAt).slice(0, limit)
  return store.read((db) => Promise.all(newest.map((attempt) => named(attempt, inTenant(db, tenant)))))
}

interface Attempt {
  readonly clientId: string | null
  startedAt: number
  lastAt: number
  readonly steps: ConnectionStep[]
  /** As the steps tell it that came after. */
  readonly reads: MetadataRead[]
}

interface Row {
  readonly at: number
  readonly type: string
  readonly outcome: string
  readonly reason: string | null
}

type ToldDetail = ConnectionStep['detail'] & { readonly metadata_read?: MetadataRead }

/** One step for however many readings: what the client read itself counts before what somebody at its address did. */
function addMetadataRead(attempt: Attempt): void {
  const read = attempt.reads.find(({ by }) => by === 'client') ?? attempt.reads[0]
  if (read === undefined) return
  const { at, by } = read
  attempt.steps.unshift({ at, type: 'metadata.read', ok: true, detail: { by } })
  attempt.steps.sort((a, b) => a.at - b.at)
  attempt.startedAt = Math.min(attempt.startedAt, at)
}

function stepOf({ at, type, outcome, reason }: Row, detail: ConnectionStep['detail']): ConnectionStep {
  const fix = outcome === 'refused' ? remedyFor(type, reason ?? undefined) : undefined
  return {
    at,
    type: type as ConnectionEvent,
    ok: outcome !== 'refused',
    ...(reason === null ? {} : { reason }),
    detail,
    ...(fix === undefined ? {} : { fix }),
  }
}

async function named({ clientId, startedAt, steps }: Attempt, t: ReturnType<typeof inTenant>): Promise<Connection> {
  const client = clientId === null ? undefined : await t.clients.find(clientId)
  return { clientId: clientId ?? undefined, clientName: client?.name, startedAt, steps }
}
