import type { AuditEventTable, AuditStreamTable } from '../store/audit-schema.ts'
import type { Store } from '../store/store.ts'
import type { CheckpointSigner } from './checkpoint-key.ts'
import { checkpointFromRow, writeCheckpoint } from './checkpoint.ts'
import { EXPORT_VERSION, type AuditLine } from './line.ts'

const PAGE = 500

/**
 * The audit of the signer's tenant as JSON lines (line.ts), behind a checkpoint that is written now and so covers every event
 * that was there before. Events that are added meanwhile may follow uncovered.
 */
export async function* exportAudit(store: Store, signer: CheckpointSigner, at: number): AsyncGenerator<string> {
  for await (const line of auditLines(store, signer, at)) yield JSON.stringify(line)
}

async function* auditLines(store: Store, signer: CheckpointSigner, at: number): AsyncGenerator<AuditLine> {
  const { tenant } = signer
  const newestCheckpoint = await writeCheckpoint(store, signer, at)
  yield { kind: 'header', v: EXPORT_VERSION, tenant, at, key: signer.publicKey }
  yield* checkpointLines(store, tenant, newestCheckpoint)
  let stream = await streamAfter(store, tenant, '')
  while (stream) {
    yield { kind: 'stream', tenant, id: stream.id, started_at: stream.started_at }
    for await (const event of eventsOf(store, tenant, stream.id)) yield { kind: 'event', ...event }
    stream = await streamAfter(store, tenant, stream.id)
  }
}

/** Up to `last`: a checkpoint that another process writes from now on may vouch for events that this file does not get. */
async function* checkpointLines(store: Store, tenant: string, last: number): AsyncGenerator<AuditLine> {
  for (let number = 0; number < last;) {
    const after = number
    const rows = await store.scan((db) =>
      db
        .selectFrom('audit_checkpoints')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('number', '>', after)
        .where('number', '<=', last)
        .orderBy('number')
        .limit(PAGE),
    )
    if (rows.length === 0) return
    for (const row of rows) yield { kind: 'checkpoint', ...checkpointFromRow(row) }
    number = rows.at(-1)?.number ?? last
  }
}

async function streamAfter(store: Store, tenant: string, id: string): Promise<AuditStreamTable | undefined> {
  const [row] = await store.scan((db) =>
    db.selectFrom('audit_streams').selectAll().where('tenant', '=', tenant).where('id', '>', id).orderBy('id').limit(1),
  )
  return row
}

/** The events of a stream by seq, a page at a time. */
export async function* eventsOf(store: Store, tenant: string, stream: string): AsyncGenerator<AuditEventTable> {
  for (let seq = 0; ;) {
    const after = seq
    const rows = await store.scan((db) =>
      db
        .selectFrom('audit_events')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('stream', '=', stream)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE),
    )
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    seq = last.seq
  }
}
