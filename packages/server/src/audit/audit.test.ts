import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { openStore } from '../store/open-store.ts'
import type { Store, Tx } from '../store/store.ts'
import { appendAudit } from './append.ts'
import { createCheckpointSigner } from './checkpoint-key.ts'
import { writeCheckpoint } from './checkpoint.ts'
import { destroySalt } from './erase.ts'
import { parseAuditLine } from './line.ts'

import { NOON, login, kinds, openAudited, eventOf } from './testing.ts'

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

describeOnEachDatabase('erasing a person', (emptyDatabase) => {
  test('destroys salt and clear text, and the chain still verifies', async (t) => {
    const audited = await openAudited(t, emptyDatabase, ['bob', 'carol', 'bob'])
    const before = await audited.lines()
    assert.equal(await audited.store.unit((tx) => destroySalt(tx, 'default', 'bob')), true)
    assert.equal(await audited.store.unit((tx) => destroySalt(tx, 'default', 'bob')), false)
    const [persons, clearTexts] = await audited.store.read(async (db) => [
      await db.selectFrom('audit_persons').select('id').execute(),
      await db.selectFrom('audit_personal').select('person').execute(),
    ])
    assert.deepEqual([persons, clearTexts], [[{ id: 'carol' }], [{ person: 'carol' }]])
    assert.deepEqual(kinds(await audited.verify(before, 'with the database')), [])
    assert.deepEqual(kinds(await audited.verify(await audited.lines(), 'with the database')), [])
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
    await audited.store.unit((tx) => destroySalt(tx, 'default', 'nobody:2026-11-24'))
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
