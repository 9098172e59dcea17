import { sha256 } from '../keys/secrets.ts'
import type { rateCounts } from '../store/repositories/rate-counts.ts'
import type { Tx } from '../store/store.ts'
import { appendAudit } from './append.ts'
import type { AuditEvent } from './event.ts'

/** So many refusals of one kind are told one by one in an hour. */
const TOLD_SINGLY = 100
const WINDOW_MS = 3_600_000

/**
 * Tells of a refusal that costs its author nothing. Beyond the first hundred of a kind in an hour only every doubling of
 * their number is told, with the number: whoever floods us leaves a few rows that say how often, and not a full disk. A
 * kind is what happened to whom and why, so a flood hides neither what happens to another person or client nor for
 * another reason. Counted for all addresses together, since one attacker has as many as he wants.
 */
export async function appendRefusal(tx: Tx, counts: ReturnType<typeof rateCounts>, event: AuditEvent): Promise<void> {
  const { type, clientId = null, subjectId = null, reason = null, at } = event
  const kind = sha256(JSON.stringify(['refusal', type, clientId, subjectId, reason]))
  const count = await counts.count(kind, WINDOW_MS, at)
  if (count <= TOLD_SINGLY) return appendAudit(tx, event)
  if (Number.isInteger(Math.log2(count)))
    return appendAudit(tx, { ...event, detail: { ...event.detail, times_this_hour: count } })
}
