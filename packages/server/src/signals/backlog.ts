import type { InTenant } from '../store/in-tenant.ts'
import type { Position, Revocation } from '../store/repositories/revocations.ts'
import type { SignalStream } from '../store/repositories/signal-streams.ts'
import { eventTypeOf } from './events.ts'

/** Older revocations reach no living token: an hour is the longest life, and ten minutes are for clocks that differ. */
const SNAPSHOT_MS = 70 * 60_000

const PAGE = 500

export interface Backlog {
  /** What the guard has not acknowledged, the oldest first, as much as it takes. */
  readonly pending: readonly Revocation[]
  readonly isMore: boolean
  /** How far the stream is when the acknowledgements are counted in. */
  readonly after: Position
  readonly acked: readonly string[]
}

/**
 * Reads what a stream has to tell beyond what is acknowledged. A new stream stands before everything, so its backlog is the
 * snapshot of all revocations that a living token can still meet.
 */
export async function readBacklog(
  t: InTenant,
  stream: SignalStream,
  { now, most }: { readonly now: number; readonly most: number },
): Promise<Backlog> {
  const isAcked = new Set(stream.acked)
  const acked: string[] = []
  const pending: Revocation[] = []
  let after = stream.after
  let position = after
  for (let page = PAGE; page === PAGE && pending.length <= most;) {
    const rows = await t.revocations.after(position, now - SNAPSHOT_MS, PAGE)
    page = rows.length
    for (const row of rows) {
      const { epoch, id } = row
      position = { epoch, id }
      if (concerns(stream, row) && !isAcked.has(id)) pending.push(row)
      else if (pending.length === 0) after = position
      else if (isAcked.has(id)) acked.push(id)
    }
  }
  return { pending: pending.slice(0, most), isMore: pending.length > most, after, acked }
}

function concerns({ servers, events }: SignalStream, revocation: Revocation): boolean {
  if (!events.includes(eventTypeOf(revocation.revoked))) return false
  return revocation.servers === null || revocation.servers.some((id) => servers.includes(id))
}
