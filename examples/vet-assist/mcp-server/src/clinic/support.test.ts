import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bob, carol, createTestClinic, dana, valueOf } from '../testing/clinic.ts'
import { listMessages, messageClinic } from './support.ts'

test('the staff reads all messages, everybody else the own ones', () => {
  const clinic = createTestClinic()
  valueOf(messageClinic(clinic, bob, { subject: 'Food', body: 'Which diet food?', petId: clinic.bella }))
  valueOf(messageClinic(clinic, carol, { subject: 'Bill', body: 'Please send it again.' }))
  const subjects = (caller: typeof bob): string[] => listMessages(clinic, caller, 10).map((message) => message.subject)
  assert.deepEqual(subjects(bob), ['Food'])
  assert.deepEqual(subjects(carol), ['Bill'])
  assert.deepEqual(subjects(dana).toSorted(), ['Bill', 'Food'])
})

test('a message about a foreign pet and about an absent one answer alike, and is not kept', () => {
  const clinic = createTestClinic()
  for (const petId of [clinic.misty, 'pet_absent']) {
    const sent = messageClinic(clinic, bob, { subject: 'Hello', body: 'Who is this?', petId })
    assert.deepEqual(sent, { ok: false, failure: { reason: 'not_found', what: 'pet' } })
  }
  assert.deepEqual(listMessages(clinic, dana, 10), [])
})
