import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bob, carol, createTestClinic, dana, reasonOf, type TestClinic, valueOf } from '../testing/clinic.ts'
import { bookAppointment, cancelAppointment, moveAppointment } from './appointments.ts'
import { completeReminder, listReminders, type Reminder, setAppointmentReminder, setReminder } from './reminders.ts'
import { fromWire, toWire } from './time.ts'

const daily = { every: 1, unit: 'day', until: null } as const
const tablet = {
  kind: 'medication',
  message: 'Half a tablet',
  dueAt: fromWire('2026-11-25T08:00:00Z'),
  repeat: daily,
} as const

function book(clinic: TestClinic): string {
  const startsAt = fromWire('2026-12-08T09:00:00Z')
  return valueOf(bookAppointment(clinic, bob, { petId: clinic.fido, vetId: 'vet_hart', kind: 'check-up', startsAt }))
    .appointmentId
}

test('a repeated reminder waits for its next time when one is done', () => {
  const clinic = createTestClinic()
  const { reminderId, dueAt } = valueOf(setReminder(clinic, bob, { ...tablet, petId: clinic.fido }))
  clinic.at('2026-11-25T08:10:00Z')
  const { nextDueAt } = valueOf(completeReminder(clinic, bob, { reminderId, dueAt }))
  assert.equal(toWire(nextDueAt ?? 0), '2026-11-26T08:00:00+00:00')
})

test('a call that is repeated does not tick off the next time too', () => {
  const clinic = createTestClinic()
  const { reminderId, dueAt } = valueOf(setReminder(clinic, bob, { ...tablet, petId: clinic.fido }))
  valueOf(completeReminder(clinic, bob, { reminderId, dueAt }))
  const again = completeReminder(clinic, bob, { reminderId, dueAt })
  assert.deepEqual(again, {
    ok: false,
    failure: { reason: 'occurrence_changed', dueAt: fromWire('2026-11-26T08:00:00Z') },
  })
})

test('a reminder that comes once is gone when it is done', () => {
  const clinic = createTestClinic()
  const { reminderId, dueAt } = valueOf(setReminder(clinic, bob, { ...tablet, repeat: null, petId: clinic.fido }))
  assert.equal(valueOf(completeReminder(clinic, bob, { reminderId, dueAt })).nextDueAt, null)
  assert.equal(reasonOf(completeReminder(clinic, bob, { reminderId, dueAt })), 'not_found')
})

test('a reminder in the past is refused', () => {
  const clinic = createTestClinic()
  const late = setReminder(clinic, bob, { ...tablet, dueAt: clinic.clock(), petId: clinic.fido })
  assert.equal(reasonOf(late), 'time_in_past')
})

test('a reminder of an appointment follows it, and goes when it is cancelled', () => {
  const clinic = createTestClinic()
  const appointmentId = book(clinic)
  const set = setAppointmentReminder(clinic, bob, { appointmentId, message: 'Bring the diary', minutesBefore: 60 })
  const { reminderId } = valueOf(set)
  const find = (): Reminder | undefined =>
    listReminders(clinic, bob, { limit: 100 }).find((reminder) => reminder.reminderId === reminderId)
  assert.equal(toWire(find()?.dueAt ?? 0), '2026-12-08T08:00:00+00:00')
  valueOf(
    moveAppointment(clinic, bob, { appointmentId, vetId: 'vet_patel', startsAt: fromWire('2026-12-09T10:00:00Z') }),
  )
  assert.equal(toWire(find()?.dueAt ?? 0), '2026-12-09T09:00:00+00:00')
  valueOf(cancelAppointment(clinic, bob, appointmentId))
  assert.equal(find(), undefined)
})

test('a reminder of an appointment can be done', () => {
  const clinic = createTestClinic()
  const set = { appointmentId: book(clinic), message: 'Bring the diary', minutesBefore: 60 }
  const { reminderId, dueAt } = valueOf(setAppointmentReminder(clinic, bob, set))
  assert.equal(valueOf(completeReminder(clinic, bob, { reminderId, dueAt })).nextDueAt, null)
})

test('owners list the reminders of their own pets in the order of time, the staff lists all', () => {
  const clinic = createTestClinic()
  valueOf(setReminder(clinic, carol, { ...tablet, petId: clinic.misty }))
  const pets = (list: Reminder[]): string[] => [...new Set(list.map((reminder) => reminder.petName))].toSorted()
  const ofBob = listReminders(clinic, bob, { limit: 100 })
  assert.deepEqual(pets(ofBob), ['Bella', 'Fido'])
  assert.deepEqual(
    ofBob,
    ofBob.toSorted((a, b) => a.dueAt - b.dueAt),
  )
  assert.deepEqual(pets(listReminders(clinic, dana, { limit: 100 })), ['Bella', 'Fido', 'Misty'])
  assert.deepEqual(listReminders(clinic, bob, { petId: clinic.misty, limit: 100 }), [])
})

test('a foreign reminder and an absent one answer alike, and nothing is written', () => {
  const clinic = createTestClinic()
  const { reminderId, dueAt } = valueOf(setReminder(clinic, carol, { ...tablet, petId: clinic.misty }))
  for (const id of [reminderId, 'rem_absent']) {
    const done = completeReminder(clinic, bob, { reminderId: id, dueAt })
    assert.deepEqual(done, { ok: false, failure: { reason: 'not_found', what: 'reminder' } })
  }
  assert.equal(listReminders(clinic, carol, { limit: 100 }).find((row) => row.reminderId === reminderId)?.dueAt, dueAt)
  for (const petId of [clinic.misty, 'pet_absent']) {
    const set = setReminder(clinic, bob, { ...tablet, petId })
    assert.deepEqual(set, { ok: false, failure: { reason: 'not_found', what: 'pet' } })
  }
  for (const appointmentId of [book(clinic), 'apt_absent']) {
    const set = setAppointmentReminder(clinic, carol, { appointmentId, message: 'Go', minutesBefore: 60 })
    assert.deepEqual(set, { ok: false, failure: { reason: 'not_found', what: 'appointment' } })
  }
})
