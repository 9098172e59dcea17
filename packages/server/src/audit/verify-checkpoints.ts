import { isSignedBy, type AuditKey } from './checkpoint-key.ts'
import { checkpointHash, NO_CHECKPOINT, statementOf, type Checkpoint } from './checkpoint.ts'
import type { Report } from './findings.ts'

interface Vouched {
  readonly hash: string
  readonly checkpoint: number
}

/** Follows the chain of checkpoints and collects the events that they vouch for. */
export function createCheckpointVerifier(publicKey: AuditKey, report: Report) {
  const vouched = new Map<string, Vouched>()
  const coveredUntil = new Map<string, number>()
  let newest: Checkpoint | undefined

  return {
    add(checkpoint: Checkpoint): void {
      const { number, heads, prev } = checkpoint
      const expected = (newest?.number ?? 0) + 1
      if (number > expected) report('missing', `checkpoint ${expected} is missing`)
      else if (number < expected) report('reordered', `checkpoint ${number} stands after checkpoint ${expected - 1}`)
      else if (prev !== (newest ? checkpointHash(newest) : NO_CHECKPOINT)) {
        report('changed', `checkpoint ${number} does not follow from the one before it`)
      }
      newest = checkpoint
      // What nobody signed vouches for nothing.
      if (!isSignedBy(publicKey, statementOf(checkpoint), checkpoint.signature)) {
        return report('forged', `checkpoint ${number} is not signed with the audit key of this tenant`)
      }
      for (const [stream, seq, hash] of heads) {
        vouched.set(`${stream} ${seq}`, { hash, checkpoint: number })
        coveredUntil.set(stream, Math.max(seq, coveredUntil.get(stream) ?? 0))
      }
    },

    /** Compares an event with the checkpoint that names it, if any. */
    compare(stream: string, seq: number, hash: string): void {
      const known = vouched.get(`${stream} ${seq}`)
      if (known && known.hash !== hash) {
        report(
          'changed',
          `event ${seq} of stream ${stream}, or one before it, is not what checkpoint ${known.checkpoint} signed`,
        )
      }
      vouched.delete(`${stream} ${seq}`)
    },

    covers: (stream: string, seq: number): boolean => seq <= (coveredUntil.get(stream) ?? 0),

    /** Reports the vouched events that never came, and returns the number of the newest checkpoint. */
    end(): number {
      for (const [position, { checkpoint }] of vouched) {
        const [stream, seq] = position.split(' ')
        report('missing', `event ${seq} of stream ${stream}, which checkpoint ${checkpoint} signed, is missing`)
      }
      return newest?.number ?? 0
    },
  }
}
