import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { bob, carol, createTestClinic, dana, reasonOf, valueOf } from '../testing/clinic.ts'
import {
  bookAppointment,
  cancelAppointment,
  getAppointment,
  listAppointments,
  moveAppointment,
} from './appointments.ts'
import { toSentence } from './result.ts'
import { fromWire } from './time.ts'

const NINE = fromWire('2026-12-08T09:00:00Z')
const QUARTER_PAST = fromWire('2026-12-08T09:15:00Z')
const TEN = fromWire('2026-12-08T10:00:00Z')
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER, cancelled: false, limit: 100 }
const checkUp = { vetId: 'vet_hart', kind: 'check-up', startsAt: NINE } as const

test('of many who book one slot at the same moment exactly one wins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vet-assist-'))
  const dataFile = join(folder, 'clinic.db')
  const clinic = createTestClinic({ dataFile })
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const workers = (['fido', 'bella', 'misty', 'fido', 'bella', 'misty'] as const).map(
    (pet) =>
      new Worker(new URL('../testing/booking-worker.ts', import.meta.url), {
        workerData: { dataFile, pet, startsAt: NINE, gate },
      }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const answers = workers.map((worker) => once(worker, 'message'))
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const outcomes = (await Promise.all(answers)).flat()
  await Promise.all(workers.map((worker) => worker.terminate()))
  assert.equal(outcomes.filter((outcome) => outcome === 'booked').length, 1, outcomes.join())
  assert.equal(listAppointments(clinic, dana, { ...ALL, vetId: 'vet_hart', from: NINE, to: NINE + 1 }).length, 1)
  clinic.db.close()
  rmSync(folder, { recursive: true })
})

test('who was slower is told the next three free slots', () => {
  const clinic = createTestClinic()
  valueOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty }))
  const late = bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido })
  assert.ok(!late.ok)
  assert.equal(
    toSentence(late.failure),
    'somebody has that slot already; the next free ones are 2026-12-08T09:00:00+00:00 with vet_patel, ' +
      '2026-12-08T09:15:00+00:00 with vet_patel, 2026-12-08T09:30:00+00:00 with vet_hart',
  )
})

test('appointments of one vet do not overlap, whatever their length', () => {
  const clinic = createTestClinic()
  valueOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty }))
  const inside = bookAppointment(clinic, bob, {
    ...checkUp,
    kind: 'vaccination',
    startsAt: QUARTER_PAST,
    petId: clinic.fido,
  })
  assert.equal(reasonOf(inside), 'slot_taken')
  const other = bookAppointment(clinic, bob, {
    ...checkUp,
    vetId: 'vet_patel',
    startsAt: QUARTER_PAST,
    petId: clinic.fido,
  })
  assert.equal(reasonOf(other), 'not refused')
})

test('a pet cannot be with two vets at the same time', () => {
  const clinic = createTestClinic()
  valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  const second = bookAppointment(clinic, bob, {
    ...checkUp,
    vetId: 'vet_patel',
    startsAt: QUARTER_PAST,
    petId: clinic.fido,
  })
  assert.deepEqual(second, { ok: false, failure: { reason: 'pet_is_busy', startsAt: NINE } })
})

test('a time that is no slot is refused with the next free slots', () => {
  const clinic = createTestClinic()
  const atNight = bookAppointment(clinic, bob, { ...checkUp, startsAt: NINE - 8 * 3_600_000, petId: clinic.fido })
  assert.ok(!atNight.ok && atNight.failure.reason === 'not_a_slot')
  assert.equal(atNight.failure.next.length, 3)
})

test('moving frees the old slot and takes the new one', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  const moved = valueOf(moveAppointment(clinic, bob, { appointmentId, vetId: 'vet_patel', startsAt: TEN }))
  assert.deepEqual([moved.vetId, moved.startsAt, moved.endsAt], ['vet_patel', TEN, TEN + 30 * 60_000])
  assert.equal(reasonOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty })), 'not refused')
})

test('an appointment can move by less than its own length', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  const moved = moveAppointment(clinic, bob, { appointmentId, vetId: 'vet_hart', startsAt: QUARTER_PAST })
  assert.equal(reasonOf(moved), 'not refused')
})

test('a move into a taken slot leaves the appointment where it was', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  valueOf(bookAppointment(clinic, carol, { ...checkUp, startsAt: TEN, petId: clinic.misty }))
  const moved = moveAppointment(clinic, bob, { appointmentId, vetId: 'vet_hart', startsAt: TEN })
  assert.equal(reasonOf(moved), 'slot_taken')
  assert.equal(valueOf(getAppointment(clinic, bob, appointmentId)).startsAt, NINE)
  assert.equal(reasonOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty })), 'slot_taken')
})

test('cancelling frees the slot, once', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  assert.equal(valueOf(cancelAppointment(clinic, bob, appointmentId)).status, 'cancelled')
  assert.deepEqual(cancelAppointment(clinic, bob, appointmentId), {
    ok: false,
    failure: { reason: 'appointment_not_open', status: 'cancelled' },
  })
  assert.equal(reasonOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty })), 'not refused')
})

test('what has begun can neither be moved nor cancelled', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, bob, { ...checkUp, petId: clinic.fido }))
  clinic.at('2026-12-08T09:00:00Z')
  const past = { ok: false, failure: { reason: 'appointment_not_open', status: 'past' } }
  assert.deepEqual(cancelAppointment(clinic, bob, appointmentId), past)
  assert.deepEqual(moveAppointment(clinic, bob, { appointmentId, vetId: 'vet_hart', startsAt: TEN }), past)
})

test('owners list the appointments of their own pets, the staff lists all', () => {
  const clinic = createTestClinic()
  const names = (list: { petName: string }[]): string[] => [...new Set(list.map((row) => row.petName))].toSorted()
  assert.deepEqual(names(listAppointments(clinic, bob, ALL)), ['Bella', 'Fido'])
  assert.deepEqual(names(listAppointments(clinic, carol, ALL)), ['Misty'])
  assert.deepEqual(names(listAppointments(clinic, dana, ALL)), ['Bella', 'Fido', 'Misty'])
  assert.deepEqual(listAppointments(clinic, bob, { ...ALL, petId: clinic.misty }), [])
})

test('a foreign appointment and an absent one answer alike, and nothing is written', () => {
  const clinic = createTestClinic()
  const { appointmentId } = valueOf(bookAppointment(clinic, carol, { ...checkUp, petId: clinic.misty }))
  for (const id of [appointmentId, 'apt_absent']) {
    const notFound = { ok: false, failure: { reason: 'not_found', what: 'appointment' } }
    assert.deepEqual(getAppointment(clinic, bob, id), notFound)
    assert.deepEqual(moveAppointment(clinic, bob, { appointmentId: id, vetId: 'vet_hart', startsAt: TEN }), notFound)
    assert.deepEqual(cancelAppointment(clinic, bob, id), notFound)
  }
  assert.equal(valueOf(getAppointment(clinic, carol, appointmentId)).status, 'booked')
  for (const petId of [clinic.misty, 'pet_absent']) {
    const booked = bookAppointment(clinic, bob, { ...checkUp, startsAt: TEN, petId })
    assert.deepEqual(booked, { ok: false, failure: { reason: 'not_found', what: 'pet' } })
  }
})
