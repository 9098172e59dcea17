import type { Store } from '../store/store.ts'
import { eventHash, genesisHash } from './chain.ts'
import type { AuditKey } from './checkpoint-key.ts'
import type { AuditFinding, Report } from './findings.ts'
import { parseAuditLine, type AuditLineOf } from './line.ts'
import { createCheckpointVerifier } from './verify-checkpoints.ts'
import { createDatabaseVerifier } from './verify-database.ts'

/** Whoever sees so many needs no more of them, and a file that is none of ours must not fill the memory. */
const MAX_FINDINGS = 1000

export interface VerifyOptions {
  /** An exported file, line by line. Anybody may have written it. */
  readonly lines: AsyncIterable<string> | Iterable<string>
  /** The audit key of the tenant, from the master key or from an earlier export; the key in the file proves nothing by itself. */
  readonly publicKey: AuditKey
  /** With it, the database is compared with the file too. */
  readonly store?: Store | undefined
}

export interface AuditVerdict {
  /** Nothing was found when this is empty. */
  readonly findings: readonly AuditFinding[]
  readonly events: number
  /** Events after the last checkpoint of their stream: linked to their predecessors, but not signed for yet. */
  readonly uncovered: number
  readonly checkpoints: number
}

/**
 * Finds every event that was changed, removed or moved up to the last checkpoint in the file, in the file itself and in the
 * database against it. Cannot see that the newest checkpoints and all that they alone cover were cut off: only a later file can.
 */
export async function verifyAudit({ lines, publicKey, store }: VerifyOptions): Promise<AuditVerdict> {
  const findings: AuditFinding[] = []
  let line = 0
  const report: Report = (kind, message) => void findings.push({ kind, line, message })
  const checkpoints = createCheckpointVerifier(publicKey, report)
  const chain = createChainVerifier(report)
  const database = store && createDatabaseVerifier(store, report)
  let tenant: string | undefined
  let events = 0
  let uncovered = 0

  for await (const source of lines) {
    line++
    if (findings.length >= MAX_FINDINGS) {
      report('unreadable', `more than ${MAX_FINDINGS} findings: the rest of the file was not read`)
      break
    }
    const entry = parseAuditLine(source)
    if (!entry) {
      report('unreadable', 'not a line of an audit file, or of a newer version')
      continue
    }
    if (entry.kind === 'header') {
      if (line !== 1) report('reordered', 'a header stands first and once')
      if (entry.key.x !== publicKey.x) report('forged', 'the file names another audit key')
      tenant ??= entry.tenant
      continue
    }
    if (entry.tenant !== tenant) report('changed', `a ${entry.kind} of another tenant, or before the header`)
    switch (entry.kind) {
      case 'checkpoint':
        if (chain.hasBegun()) report('reordered', 'a checkpoint stands after a stream')
        checkpoints.add(entry)
        await database?.checkpoint(entry)
        break
      case 'stream':
        chain.stream(entry)
        database?.stream(entry)
        break
      case 'event':
        events++
        if (!checkpoints.covers(entry.stream, entry.seq)) uncovered++
        chain.event(entry)
        checkpoints.compare(entry.stream, entry.seq, entry.hash)
        await database?.event(entry)
    }
  }
  const newest = checkpoints.end()
  if (tenant === undefined) report('unreadable', 'there is no header')
  if (events > 0 && newest === 0) report('missing', 'there is no checkpoint, so nothing vouches for these events')
  return { findings, events, uncovered, checkpoints: newest }
}

/** Follows the events of one stream after the other: numbers without a gap, each hash true, each linked to the one before. */
function createChainVerifier(report: Report) {
  const seen = new Set<string>()
  let current: { stream: string; seq: number; hash: string } | undefined

  return {
    hasBegun: () => current !== undefined,

    stream({ tenant, id, started_at }: AuditLineOf<'stream'>): void {
      if (seen.has(id)) report('reordered', `stream ${id} appears twice`)
      seen.add(id)
      current = { stream: id, seq: 0, hash: genesisHash({ tenant, id, started_at }) }
    },

    event(row: AuditLineOf<'event'>): void {
      const name = `event ${row.seq} of stream ${row.stream}`
      if (eventHash(row) !== row.hash) report('changed', `${name} is not what was written`)
      if (current?.stream !== row.stream) return report('reordered', `${name} stands outside its stream`)
      const expected = current.seq + 1
      if (row.seq < expected) return report('reordered', `${name} stands after event ${current.seq}`)
      if (row.seq > expected)
        report('missing', `event ${expected} of stream ${row.stream} does not stand before event ${row.seq}`)
      else if (row.prev !== current.hash) report('changed', `${name} does not follow from the one before it`)
      current = { stream: row.stream, seq: row.seq, hash: row.hash }
    },
  }
}
