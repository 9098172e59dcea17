import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { describeOnEachDatabase, type EmptyDatabase } from '../store/testing/databases.ts'
import { openStore } from '../store/open-store.ts'
import { openTestStore } from '../store/testing/stores.ts'
import type { Store, Tx } from '../store/store.ts'
import { appendAudit } from './append.ts'
import { eventHash } from './chain.ts'
import { createCheckpointSigner, type CheckpointSigner } from './checkpoint-key.ts'
import { statementOf, writeCheckpoint } from './checkpoint.ts'
import { erasePerson } from './erase.ts'
import type { AuditEvent } from './event.ts'
import { exportAudit } from './export.ts'
import { parseAuditLine, type AuditLineOf } from './line.ts'
import { verifyAudit, type AuditVerdict } from './verify.ts'

const NOON = Date.UTC(2026, 10, 24, 12)

const login = (subjectId: string): AuditEvent => ({
  tenant: 'default',
  at: NOON,
  type: 'login.succeeded',
  outcome: 'allowed',
  subjectId,
  detail: { amr: ['pwd'] },
  personal: { subjectId, fields: { username: `${subjectId}@clinic.example`, address: '203.0.113.7' } },
})

interface Audited {
  readonly store: Store
  readonly signer: CheckpointSigner
  /** The lines of an export that is made now. */
  lines(): Promise<string[]>
  verify(lines: readonly string[], withDatabase?: 'with the database'): Promise<AuditVerdict>
}

async function openAudited(
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

const kinds = ({ findings }: AuditVerdict) => findings.map(({ kind }) => kind)

type EventLine = AuditLineOf<'event'>

/** Finds the line of the event with this subject. */
function lineOf(lines: readonly string[], subject: string): number {
  const index = lines.findIndex((line) => eventOf(line)?.subject_id === subject)
  assert.notEqual(index, -1)
  return index
}

function eventOf(line: string | undefined): EventLine | undefined {
  const parsed = parseAuditLine(line ?? '')
  return parsed?.kind === 'event' ? parsed : undefined
}

/** What somebody can do who has the file and knows the format: change an event and make every later hash fit again. */
function rechain(lines: readonly string[], from: number, change: Partial<EventLine>): string[] {
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

describeOnEachDatabase('the audit chain', (emptyDatabase) => {
  test('verifies when nobody has touched it, in the file and in the database', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol', 'dana'])
    const verdict = await audited.verify(await audited.lines(), 'with the database')
    assert.deepEqual(verdict, { findings: [], events: 3, uncovered: 0, checkpoints: 1 })
  })

  test('fails the action whose event cannot be written', async (t) => {
    const { store } = await openAudited(t, emptyDatabase, [])
    const work = store.unit(async (tx) => {
      await tx.insertInto('versions').values({ name: 'action', value: 'done' }).execute()
      await appendAudit(tx, { ...login('bob'), tenant: 'absent' })
    })
    await assert.rejects(work, /foreign key/i)
    assert.deepEqual(await store.read((db) => db.selectFrom('versions').selectAll().execute()), [])
  })

  test('has no gap where a unit was rolled back, alone or beside others', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    const { store } = audited
    const failing = async (tx: Tx) => {
      await appendAudit(tx, login('nobody'))
      throw new Error('not this one')
    }
    await assert.rejects(store.unit(failing))
    await Promise.allSettled([
      store.unit((tx) => appendAudit(tx, login('carol'))),
      store.unit(failing),
      store.unit((tx) => appendAudit(tx, login('dana'))),
    ])
    const lines = await audited.lines()
    const events = lines.map(eventOf).filter((event) => event !== undefined)
    assert.deepEqual(new Set(events.map(({ subject_id }) => subject_id)), new Set(['bob', 'carol', 'dana']))
    assert.deepEqual(kinds(await audited.verify(lines, 'with the database')), [])
  })

  test('is written by several lanes at once, and a new process begins new streams', async (t) => {
    const url = await emptyDatabase(t)
    const first = await openAudited(t, () => Promise.resolve(url), [])
    const second = await openStore({ url })
    const append = (store: Store, n: number) => store.unit((tx) => appendAudit(tx, login(`subject-${n % 7}`)))
    // One after the other on purpose: two SQLite writers in one process would block each other's event loop.
    await Promise.all(Array.from({ length: 100 }, (_, n) => append(first.store, n)))
    await Promise.all(Array.from({ length: 100 }, (_, n) => append(second, n)))
    await second.close()
    const lines = await first.lines()
    const streams = lines.filter((line) => parseAuditLine(line)?.kind === 'stream')
    assert.ok(streams.length >= 2)
    assert.deepEqual(await first.verify(lines, 'with the database'), {
      findings: [],
      events: 200,
      uncovered: 0,
      checkpoints: 1,
    })
  })

  test('goes on in a new stream after a transaction that failed as a whole', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    const { store } = audited
    const serializationFailure = Object.assign(new Error('pretend'), { code: '40001' })
    await Promise.allSettled([
      store.unit((tx) => appendAudit(tx, login('carol'))),
      store.unit(() => Promise.reject(serializationFailure)),
    ])
    await store.unit((tx) => appendAudit(tx, login('dana')))
    assert.deepEqual(kinds(await audited.verify(await audited.lines(), 'with the database')), [])
  })

  test('takes several events of one unit, even at the same time', async (t) => {
    const audited = await openAudited(t, emptyDatabase, [])
    await audited.store.unit((tx) =>
      Promise.all(['bob', 'carol', 'bob'].map((subject) => appendAudit(tx, login(subject)))),
    )
    const verdict = await audited.verify(await audited.lines(), 'with the database')
    assert.deepEqual([kinds(verdict), verdict.events], [[], 3])
  })

  test('keeps two tenants apart', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    await audited.store.unit((tx) => appendAudit(tx, { ...login('carol'), tenant: 'other' }))
    const text = (await audited.lines()).join('\n')
    assert.match(text, /bob/)
    assert.doesNotMatch(text, /carol/)
  })

  test('stores text that no database can hold in a form that it can', async (t) => {
    const audited = await openAudited(t, emptyDatabase, [])
    const hostile = 'a\0b\ud800c'
    const event = { ...login(hostile), clientId: hostile, reason: hostile, detail: { hostile } }
    await audited.store.unit((tx) =>
      appendAudit(tx, { ...event, personal: { subjectId: 'bob', fields: { username: hostile } } }),
    )
    assert.deepEqual(kinds(await audited.verify(await audited.lines(), 'with the database')), [])
  })
})

describeOnEachDatabase('an exported audit file', (emptyDatabase) => {
  const people = ['bob', 'carol', 'dana', 'erin', 'frank']

  test('shows a changed field', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    const index = lineOf(lines, 'dana')
    const changed = lines.with(index, JSON.stringify({ ...eventOf(lines[index]), outcome: 'refused' }))
    const { findings } = await audited.verify(changed)
    assert.deepEqual(
      findings.map(({ kind, line }) => [kind, line]),
      [['changed', index + 1]],
    )
  })

  test('shows a removed event', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    assert.deepEqual(kinds(await audited.verify(lines.toSpliced(lineOf(lines, 'dana'), 1))), ['missing'])
  })

  test('shows that the newest events before its checkpoint were cut off', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    assert.deepEqual(kinds(await audited.verify((await audited.lines()).slice(0, -2))), ['missing'])
  })

  test('shows two events that changed places', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    const [carol, dana] = [lineOf(lines, 'carol'), lineOf(lines, 'dana')]
    const swapped = lines.with(carol, lines[dana] ?? '').with(dana, lines[carol] ?? '')
    assert.ok(kinds(await audited.verify(swapped)).includes('reordered'))
  })

  test('shows an edit whose hashes were all made to fit again', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    const verdict = await audited.verify(rechain(lines, lineOf(lines, 'dana'), { subject_id: 'mallory' }))
    assert.deepEqual(kinds(verdict), ['changed'])
    assert.match(verdict.findings[0]?.message ?? '', /is not what checkpoint 1 signed/)
  })

  test('shows an edit whose own hash was made to fit again', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    const bob = lineOf(lines, 'bob')
    const edited = rechain(lines, bob, { subject_id: 'mallory' })[bob] ?? ''
    const { findings } = await audited.verify(lines.with(bob, edited))
    assert.deepEqual(
      findings.map(({ kind, line }) => [kind, line]),
      [['changed', bob + 2]],
    )
  })

  test('shows a genuine checkpoint in the place of another', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    await writeCheckpoint(audited.store, audited.signer, NOON)
    await audited.store.unit((tx) => appendAudit(tx, login('grace')))
    const lines = await audited.lines()
    const index = lines.findIndex((line) => parseAuditLine(line)?.kind === 'checkpoint')
    const first = parseAuditLine(lines[index] ?? '')
    assert.ok(first?.kind === 'checkpoint')
    const other = { ...first, at: NOON + 1 }
    const signed = JSON.stringify({ ...other, signature: audited.signer.sign(statementOf(other)) })
    assert.deepEqual(kinds(await audited.verify(lines.with(index, signed))), ['changed'])
  })

  test('shows a checkpoint that was signed with another key', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const mallory = createCheckpointSigner(randomBytes(32), 'default')
    const forged = await audited.lines()
    const verdict = await verifyAudit({ lines: forged, publicKey: mallory.publicKey })
    assert.deepEqual(kinds(verdict), ['forged', 'forged'])
    assert.equal(verdict.uncovered, people.length)
  })

  test('shows a checkpoint that is missing, in the middle or altogether', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    await writeCheckpoint(audited.store, audited.signer, NOON)
    await audited.store.unit((tx) => appendAudit(tx, login('carol')))
    const lines = await audited.lines()
    const isCheckpoint = (line: string) => parseAuditLine(line)?.kind === 'checkpoint'
    assert.equal(lines.filter(isCheckpoint).length, 2)
    assert.deepEqual(kinds(await audited.verify(lines.toSpliced(lines.findIndex(isCheckpoint), 1))), ['missing'])
    assert.deepEqual(kinds(await audited.verify(lines.filter((line) => !isCheckpoint(line)))), ['missing'])
  })

  test('shows lines that stand in the wrong place, or belong to another tenant', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol'])
    const lines = await audited.lines()
    const [header = '', checkpoint = '', stream = '', bob = '', carol = ''] = lines
    const verify = async (...changed: string[]) => kinds(await audited.verify(changed))
    assert.deepEqual(await verify(header, checkpoint, stream, bob, carol), [])
    assert.deepEqual(await verify(header, header, checkpoint, stream, bob, carol), ['reordered'])
    assert.deepEqual(await verify(header, checkpoint, checkpoint, stream, bob, carol), ['reordered'])
    assert.deepEqual(await verify(header, checkpoint, stream, bob, carol, stream), ['reordered'])
    assert.deepEqual(await verify(header, checkpoint, bob, stream, carol), ['reordered', 'missing'])
    assert.deepEqual(await verify(header, stream, bob, carol, checkpoint), ['reordered', 'missing'])
    const others = JSON.stringify({ kind: 'stream', tenant: 'other', id: 'theirs', started_at: NOON })
    assert.deepEqual(await verify(header, checkpoint, stream, bob, carol, others), ['changed'])
  })

  test('shows lines that are none of ours, and an empty file', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    const lines = await audited.lines()
    assert.deepEqual(kinds(await audited.verify([...lines, '{"kind":"event"}', 'hello'])), ['unreadable', 'unreadable'])
    assert.deepEqual(kinds(await audited.verify([])), ['unreadable'])
    const garbage = await audited.verify(Array.from({ length: 5000 }, () => 'hello'))
    assert.equal(garbage.findings.length, 1002)
  })

  test('names no person in clear text', async (t) => {
    const audited = await openAudited(t, emptyDatabase, people)
    assert.doesNotMatch((await audited.lines()).join('\n'), /clinic\.example|203\.0\.113\.7/)
  })
})

describeOnEachDatabase('the database against an exported file', (emptyDatabase) => {
  test('shows a changed, a removed and a re-chained event', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol', 'dana'])
    const lines = await audited.lines()
    await audited.store.unit((tx) =>
      tx.updateTable('audit_events').set({ outcome: 'refused' }).where('subject_id', '=', 'bob').execute(),
    )
    const rechained = eventOf(rechain(lines, lineOf(lines, 'carol'), { subject_id: 'mallory' })[lineOf(lines, 'carol')])
    assert.ok(rechained)
    const { kind: _kind, ...row } = rechained
    await audited.store.unit(async (tx) => {
      await tx.updateTable('audit_events').set(row).where('subject_id', '=', 'carol').execute()
      await tx.deleteFrom('audit_personal').where('person', '=', 'dana').execute()
      await tx.deleteFrom('audit_events').where('subject_id', '=', 'dana').execute()
    })
    assert.deepEqual(kinds(await audited.verify(lines, 'with the database')), ['changed', 'changed', 'missing'])
    assert.deepEqual(kinds(await audited.verify(lines)), [])
  })

  test('shows clear text that was changed or taken away without erasing its person', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol', 'dana'])
    const lines = await audited.lines()
    await audited.store.unit(async (tx) => {
      const change = (person: string, fields: string) =>
        tx.updateTable('audit_personal').set({ fields }).where('person', '=', person).execute()
      await change('bob', JSON.stringify({ username: 'bob@clinic.example', address: '198.51.100.1' }))
      await change('carol', 'no longer JSON')
      await tx.deleteFrom('audit_personal').where('person', '=', 'dana').execute()
    })
    assert.deepEqual(kinds(await audited.verify(lines, 'with the database')), ['changed', 'changed', 'missing'])
  })

  test('shows checkpoints that are gone or others', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    const lines = await audited.lines()
    await audited.store.unit((tx) => tx.updateTable('audit_checkpoints').set({ signature: 'other' }).execute())
    assert.deepEqual(kinds(await audited.verify(lines, 'with the database')), ['changed'])
    await audited.store.unit((tx) => tx.deleteFrom('audit_checkpoints').execute())
    assert.deepEqual(kinds(await audited.verify(lines, 'with the database')), ['missing'])
  })
})

describeOnEachDatabase('erasing a person', (emptyDatabase) => {
  const actor = { kind: 'cli', id: 'operator' } as const

  test('destroys salt and clear text, and the chain still verifies', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol', 'bob'])
    const before = await audited.lines()
    await audited.store.unit((tx) => erasePerson(tx, { tenant: 'default', person: 'bob', actor, at: NOON }))
    const [persons, clearTexts] = await audited.store.read(async (db) => [
      await db.selectFrom('audit_persons').select('id').execute(),
      await db.selectFrom('audit_personal').select('person').execute(),
    ])
    assert.deepEqual([persons, clearTexts], [[{ id: 'carol' }], [{ person: 'carol' }]])
    assert.deepEqual(kinds(await audited.verify(before, 'with the database')), [])
    const after = await audited.lines()
    assert.ok(after.some((line) => eventOf(line)?.type === 'subject.erased'))
    assert.deepEqual(kinds(await audited.verify(after, 'with the database')), [])
  })

  test('leaves commitments that do not even show that two values were the same', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'bob'])
    const personal = (await audited.lines()).map((line) => eventOf(line)?.personal).filter((text) => text !== undefined)
    assert.equal(personal.length, 2)
    assert.notEqual(personal[0], personal[1])
  })

  test('reaches what was noted of unknown people on one day', async (t) => {
    const audited = await openAudited(t, emptyDatabase, [])
    const refused = { ...login('bob'), type: 'login.refused', outcome: 'refused', subjectId: undefined } as const
    await audited.store.unit((tx) =>
      appendAudit(tx, { ...refused, personal: { subjectId: undefined, fields: { username: 'root' } } }),
    )
    await audited.store.unit((tx) =>
      erasePerson(tx, { tenant: 'default', person: 'nobody:2026-11-24', actor, at: NOON }),
    )
    assert.deepEqual(await audited.store.read((db) => db.selectFrom('audit_personal').selectAll().execute()), [])
    assert.deepEqual(kinds(await audited.verify(await audited.lines(), 'with the database')), [])
  })
})

describeOnEachDatabase('a checkpoint', (emptyDatabase) => {
  test('is written only when something has grown', async (t) => {
    const { store, signer } = await openAudited(t, emptyDatabase, [])
    assert.equal(await writeCheckpoint(store, signer, NOON), 0)
    await store.unit((tx) => appendAudit(tx, login('bob')))
    assert.equal(await writeCheckpoint(store, signer, NOON), 1)
    assert.equal(await writeCheckpoint(store, signer, NOON), 1)
    await store.unit((tx) => appendAudit(tx, login('bob')))
    assert.equal(await writeCheckpoint(store, signer, NOON), 2)
  })

  test('may be asked for by several processes at the same time', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob'])
    const numbers = await Promise.all([1, 2, 3].map(() => writeCheckpoint(audited.store, audited.signer, NOON)))
    assert.ok(numbers.every((number) => number > 0))
    assert.deepEqual(kinds(await audited.verify(await audited.lines(), 'with the database')), [])
  })

  test('is signed with a key that follows from the master key and the tenant', () => {
    const masterKey = randomBytes(32)
    const keyOf = (tenant: string) => createCheckpointSigner(masterKey, tenant).publicKey
    assert.deepEqual(keyOf('default'), keyOf('default'))
    assert.notDeepEqual(keyOf('default'), keyOf('other'))
    assert.notDeepEqual(keyOf('default'), createCheckpointSigner(randomBytes(32), 'default').publicKey)
  })
})
