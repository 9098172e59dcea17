// The tables of the audit chain, whose keys begin with the tenant as all do. The chain is told in audit/chain.ts.

/** One writer's chain. `checkpointed_seq` only saves work: what a checkpoint covers is what it has signed. */
export interface AuditStreamTable {
  tenant: string
  id: string
  started_at: number
  checkpointed_seq: number
}

/** Never updated, never deleted. `hash` covers every other column; `personal` holds commitments, never clear text. */
export interface AuditEventTable {
  tenant: string
  stream: string
  seq: number
  v: number
  at: number
  type: string
  outcome: string
  actor_kind: string | null
  actor_id: string | null
  subject_id: string | null
  client_id: string | null
  server_id: string | null
  family_id: string | null
  reason: string | null
  detail: string
  personal: string | null
  prev: string
  hash: string
}

/** `heads` lists [stream, seq, hash] of the streams that have grown since the checkpoint before. */
export interface AuditCheckpointTable {
  tenant: string
  number: number
  at: number
  heads: string
  prev: string
  signature: string
}
