import { sql } from 'kysely'
import type { AuditCheckpointTable } from '../store/audit-schema.ts'
import type { Store } from '../store/store.ts'
import { AUDIT_VERSION, sha256 } from './chain.ts'
import type { CheckpointSigner } from './checkpoint-key.ts'

/** The newest event of a stream: what a checkpoint vouches for, with everything before it in that stream. */
export type StreamHead = readonly [stream: string, seq: number, hash: string]

export type Checkpoint = Omit<AuditCheckpointTable, 'heads'> & { readonly heads: readonly StreamHead[] }

/** `prev` of the first checkpoint. */
export const NO_CHECKPOINT = ''

/** What is signed: the JSON text of an array of strings, integers and arrays of them, the one form that RFC 8785 allows. */
export function statementOf({ tenant, number, at, prev, heads }: Omit<Checkpoint, 'signature'>): string {
  return JSON.stringify(['permitry audit checkpoint', AUDIT_VERSION, tenant, number, at, prev, heads])
}

/** `prev` of the checkpoint after this one. */
export function checkpointHash(checkpoint: Checkpoint): string {
  return sha256([statementOf(checkpoint), checkpoint.signature])
}

export function checkpointFromRow(row: AuditCheckpointTable): Checkpoint {
  return { ...row, heads: JSON.parse(row.heads) as StreamHead[] }
}

/**
 * Signs where every stream that has grown since the last checkpoint stands now, unless none has, and returns the number of the
 * newest checkpoint (0: there is no event yet). Of two processes that do this at once one writes it, or both sign the same heads.
 */
export async function writeCheckpoint(store: Store, signer: CheckpointSigner, at: number): Promise<number> {
  const { tenant } = signer
  const heads = await grownHeads(store, tenant)
  const newest = await newestCheckpoint(store, tenant)
  const number = (newest?.number ?? 0) + 1
  if (heads.length === 0) return number - 1
  const unsigned = { tenant, number, at, heads, prev: newest ? checkpointHash(newest) : NO_CHECKPOINT }
  const signature = signer.sign(statementOf(unsigned))
  await store.unit(async (tx) => {
    const row = { ...unsigned, heads: JSON.stringify(heads), signature }
    const inserted = await tx
      .insertInto('audit_checkpoints')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows === 0n) return
    for (const [stream, seq] of heads) {
      await tx
        .updateTable('audit_streams')
        .set({ checkpointed_seq: seq })
        .where('tenant', '=', tenant)
        .where('id', '=', stream)
        .execute()
    }
  })
  return number
}

async function newestCheckpoint(store: Store, tenant: string): Promise<Checkpoint | undefined> {
  const row = await store.read((db) =>
    db
      .selectFrom('audit_checkpoints')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst(),
  )
  return row && checkpointFromRow(row)
}

/** In the order of the stream ids, which is also the order in which their rows are locked. */
async function grownHeads(store: Store, tenant: string): Promise<StreamHead[]> {
  const rows = await store.scan((db) =>
    db
      .selectFrom('audit_streams as s')
      .innerJoin('audit_events as e', (join) => join.onRef('e.tenant', '=', 's.tenant').onRef('e.stream', '=', 's.id'))
      .select(['e.stream', 'e.seq', 'e.hash'])
      .where('s.tenant', '=', tenant)
      .where('e.seq', '=', (newest) =>
        newest
          .selectFrom('audit_events as n')
          .select(({ fn }) => fn.max('n.seq').as('seq'))
          .whereRef('n.tenant', '=', 's.tenant')
          .whereRef('n.stream', '=', 's.id'),
      )
      .where('e.seq', '>', sql.ref<number>('s.checkpointed_seq'))
      .orderBy('e.stream'),
  )
  return rows.map(({ stream, seq, hash }) => [stream, seq, hash])
}
