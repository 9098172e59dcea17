import { randomUUID } from 'node:crypto'
import { unitScope, type Lane } from '../store/engine/unit-scope.ts'
import type { AuditEventTable } from '../store/audit-schema.ts'
import type { Tx } from '../store/store.ts'
import { AUDIT_VERSION, eventHash, genesisHash } from './chain.ts'
import type { AuditEvent, PersonalData } from './event.ts'
import { commitTo, personOf, saltOf, type Commitments } from './personal.ts'

interface Head {
  readonly stream: string
  readonly seq: number
  readonly hash: string
}

/**
 * The newest event of each tenant's stream, for each lane that writes. A new lane, so a new process too, finds none and begins
 * new streams: two writers never share a chain, and none has to ask the database where its chain ends.
 */
const heads = new WeakMap<Lane, Map<string, Head>>()

/** Adds an event to the audit chain inside the unit that it tells of: without the event, what it tells of does not happen. */
export async function appendAudit(tx: Tx, event: AuditEvent): Promise<void> {
  const { tenant, at, personal } = event
  const person = personal && personOf(personal, at)
  const salt = person === undefined ? undefined : await saltOf(tx, tenant, person)

  // INVARIANT (one writer): nothing is awaited from here until the head has moved on.
  const known = headsOf(tx).get(tenant)
  const head = known ?? newStream(tenant, at)
  const position = { tenant, stream: head.stream, seq: head.seq + 1 }
  const commitments =
    personal && person && salt ? commitmentsOf(person, commitTo(salt, position, personal.fields)) : null
  const row = rowOf(event, position.seq, head, commitments)
  moveHead(tx, tenant, { ...position, hash: row.hash })

  if (!known) await insertStream(tx, tenant, head.stream, at)
  await tx.insertInto('audit_events').values(row).execute()
  if (personal && person) await insertClearText(tx, position, person, personal)
}

function headsOf(tx: Tx): Map<string, Head> {
  const { lane } = unitScope(tx)
  const known = heads.get(lane) ?? new Map<string, Head>()
  heads.set(lane, known)
  return known
}

/** A unit that is rolled back alone takes its events along: the chain then goes on where it was before. */
function moveHead(tx: Tx, tenant: string, head: Head): void {
  const ofLane = headsOf(tx)
  const before = ofLane.get(tenant)
  ofLane.set(tenant, head)
  unitScope(tx).onRollback(() => (before ? ofLane.set(tenant, before) : ofLane.delete(tenant)))
}

function newStream(tenant: string, at: number): Head {
  const id = randomUUID()
  return { stream: id, seq: 0, hash: genesisHash({ tenant, id, started_at: at }) }
}

function rowOf(event: AuditEvent, seq: number, head: Head, personal: string | null): AuditEventTable {
  const row = {
    tenant: event.tenant,
    stream: head.stream,
    seq,
    v: AUDIT_VERSION,
    at: event.at,
    type: event.type,
    outcome: event.outcome,
    actor_kind: event.actor?.kind ?? null,
    actor_id: storable(event.actor?.id),
    subject_id: storable(event.subjectId),
    client_id: storable(event.clientId),
    server_id: storable(event.serverId),
    family_id: storable(event.familyId),
    reason: storable(event.reason),
    detail: JSON.stringify(event.detail ?? {}),
    personal,
    prev: head.hash,
  }
  return { ...row, hash: eventHash(row) }
}

/** What no database would give back as it was (NUL, half a surrogate pair) would make an honest row look changed. */
function storable(text: string | undefined): string | null {
  return text?.toWellFormed().replaceAll('\0', '\ufffd') ?? null
}

function commitmentsOf(person: string, fields: Commitments['fields']): string {
  return JSON.stringify({ person, fields } satisfies Commitments)
}

async function insertStream(tx: Tx, tenant: string, id: string, startedAt: number): Promise<void> {
  await tx.insertInto('audit_streams').values({ tenant, id, started_at: startedAt, checkpointed_seq: 0 }).execute()
}

async function insertClearText(
  tx: Tx,
  position: { tenant: string; stream: string; seq: number },
  person: string,
  { fields }: PersonalData,
): Promise<void> {
  await tx
    .insertInto('audit_personal')
    .values({ ...position, person, fields: JSON.stringify(fields) })
    .execute()
}
