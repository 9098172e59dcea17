import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext } from 'node:test'
import { type EmptyDatabase } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import type { Store } from '../store/store.ts'
import { appendAudit } from './append.ts'
import { eventHash } from './chain.ts'
import { createCheckpointSigner, type CheckpointSigner } from './checkpoint-key.ts'
import type { AuditEvent } from './event.ts'
import { exportAudit } from './export.ts'
import { parseAuditLine, type AuditLineOf } from './line.ts'
import { verifyAudit, type AuditVerdict } from './verify.ts'

export const NOON = Date.UTC(2026, 10, 24, 12)

export const login = (subjectId: string): AuditEvent => ({
  tenant: 'default',
  at: NOON,
  type: 'login.succeeded',
  outcome: 'allowed',
  subjectId,
  detail: { amr: ['pwd'] },
  personal: { subjectId, fields: { username: `${subjectId}@clinic.example`, address: '203.0.113.7' } },
})

export interface Audited {
  readonly store: Store
  readonly signer: CheckpointSigner
  /** The lines of an export that is made now. */
  lines(): Promise<string[]>
  verify(lines: readonly string[], withDatabase?: 'with the database'): Promise<AuditVerdict>
}

export async function openAudited(
  t: TestContext,
  emptyDatabase: EmptyDatabase,
  subjects: readonly string[],
): Promise<Audited> {
  const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
  const signer = createCheckpointSigner(randomBytes(32), 'default')
  // In one unit, and so in one stream: two lanes would share them out between them.
  await store.unit(async (tx) => {
    for (const subject of subjects) await appendAudit(tx, login(subject))
  })
  return {
    store,
    signer,
    lines: () => exportedLines(store, signer),
    verify: (lines, withDatabase) =>
      verifyAudit({ lines, publicKey: signer.publicKey, store: withDatabase ? store : undefined }),
  }
}

async function exportedLines(store: Store, signer: CheckpointSigner): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportAudit(store, signer, NOON)) lines.push(line)
  return lines
}

export const kinds = ({ findings }: AuditVerdict) => findings.map(({ kind }) => kind)

type EventLine = AuditLineOf<'event'>

/** Finds the line of the event with this subject. */
export function lineOf(lines: readonly string[], subject: string): number {
  const index = lines.findIndex((line) => eventOf(line)?.subject_id === subject)
  assert.notEqual(index, -1)
  return index
}

export function eventOf(line: string | undefined): EventLine | undefined {
  const parsed = parseAuditLine(line ?? '')
  return parsed?.kind === 'event' ? parsed : undefined
}

/** What somebody can do who has the file and knows the format: change an event and make every later hash fit again. */
export function rechain(lines: readonly string[], from: number, change: Partial<EventLine>): string[] {
  const result = [...lines]
  let changed: EventLine | undefined
  for (let index = from; index < lines.length; index++) {
    const event = eventOf(lines[index])
    if (!event) continue
    if (changed && changed.stream !== event.stream) break
    const next = { ...event, ...(changed ? { prev: changed.hash } : change) }
    changed = { ...next, hash: eventHash(next) }
    result[index] = JSON.stringify(changed)
  }
  return result
}
