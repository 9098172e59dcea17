import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { appendAudit } from './append.ts'
import { createCheckpointSigner } from './checkpoint-key.ts'
import { statementOf, writeCheckpoint } from './checkpoint.ts'
import { parseAuditLine } from './line.ts'
import { verifyAudit } from './verify.ts'

import { NOON, login, kinds, openAudited, lineOf, eventOf, rechain } from './testing.ts'

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
