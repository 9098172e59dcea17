import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bookAppointment } from './appointments.ts'
import { freeSlots, isSlot, type SlotSearch } from './slots.ts'
import { fromWire, toWire } from './time.ts'
import { bob, createTestClinic, valueOf } from '../testing/clinic.ts'

const clinic = createTestClinic()

function find(now: string, from: string, to: string, more: Partial<SlotSearch> = {}): string[] {
  const search = {
    from: Temporal.PlainDate.from(from),
    to: Temporal.PlainDate.from(to),
    kind: 'check-up',
    limit: 1000,
  } as const
  return freeSlots(clinic.db, fromWire(now), { ...search, ...more }).map((slot) => toWire(slot.startsAt))
}

test('slots keep the hours of the wall clock when the clocks go forward', () => {
  const slots = find('2027-03-26T00:00:00Z', '2027-03-27', '2027-03-30', { vetId: 'vet_patel' })
  assert.equal(slots[0], '2027-03-27T09:00:00+00:00')
  const tuesday = slots.filter((slot) => slot.startsWith('2027-03-30'))
  assert.equal(tuesday[0], '2027-03-30T08:30:00+01:00')
  assert.equal(tuesday.at(-1), '2027-03-30T18:00:00+01:00')
})

test('slots keep the hours of the wall clock when the clocks go back', () => {
  const slots = find('2027-10-29T00:00:00Z', '2027-10-29', '2027-11-01', { vetId: 'vet_hart' })
  assert.equal(slots[0], '2027-10-29T08:30:00+01:00')
  const monday = slots.filter((slot) => slot.startsWith('2027-11-01'))
  assert.equal(monday[0], '2027-11-01T08:30:00+00:00')
  assert.equal(monday.at(-1), '2027-11-01T18:00:00+00:00')
})

test('a week with a change of the clocks is an hour shorter or longer between the same slots', () => {
  const week = 7 * 24 * 60 * 60_000
  const hour = 60 * 60_000
  const first = (date: string): number => fromWire(find('2027-01-10T00:00:00Z', date, date)[0] ?? '')
  assert.equal(first('2027-04-01') - first('2027-03-25'), week - hour)
  assert.equal(first('2027-11-04') - first('2027-10-28'), week + hour)
})

test('nobody works on Sundays and on the closed days', () => {
  assert.deepEqual(find('2026-12-01T00:00:00Z', '2026-12-06', '2026-12-06'), [])
  assert.deepEqual(find('2026-12-01T00:00:00Z', '2026-12-25', '2026-12-26'), [])
})

test('the past and the running quarter are not offered', () => {
  assert.equal(find('2026-11-24T14:00:00Z', '2026-11-24', '2026-11-24')[0], '2026-11-24T14:15:00+00:00')
})

test('nothing is offered more than a year ahead', () => {
  assert.deepEqual(find('2026-11-24T12:00:00Z', '2027-12-06', '2027-12-10'), [])
})

test('the morning ends at twelve', () => {
  const day = ['2026-12-08T00:00:00Z', '2026-12-08', '2026-12-08'] as const
  assert.equal(find(...day, { partOfDay: 'morning' }).at(-1), '2026-12-08T11:45:00+00:00')
  assert.equal(find(...day, { partOfDay: 'afternoon' })[0], '2026-12-08T12:00:00+00:00')
})

test('an appointment fits into one shift', () => {
  const ends = find('2026-12-08T00:00:00Z', '2026-12-08', '2026-12-08', { kind: 'dental', vetId: 'vet_hart' })
  assert.equal(ends.filter((slot) => slot < '2026-12-08T13').at(-1), '2026-12-08T11:45:00+00:00')
  assert.equal(isSlot(clinic.clock(), 'vet_hart', 'dental', fromWire('2026-12-08T12:00:00Z')), false)
})

test('an appointment needs its whole time free', () => {
  const startsAt = fromWire('2026-12-09T10:00:00Z')
  valueOf(bookAppointment(clinic, bob, { petId: clinic.fido, vetId: 'vet_hart', kind: 'dental', startsAt }))
  const slots = find('2026-12-08T00:00:00Z', '2026-12-09', '2026-12-09', { vetId: 'vet_hart' })
  assert.deepEqual(slots.slice(3, 6), [
    '2026-12-09T09:15:00+00:00',
    '2026-12-09T09:30:00+00:00',
    '2026-12-09T10:45:00+00:00',
  ])
})

test('a slot starts on a quarter hour while its vet works', () => {
  const isCheckUp = (vetId: string, at: string): boolean => isSlot(clinic.clock(), vetId, 'check-up', fromWire(at))
  assert.equal(isCheckUp('vet_hart', '2026-12-08T09:00:00Z'), true)
  assert.equal(isCheckUp('vet_hart', '2026-12-08T09:05:00Z'), false)
  assert.equal(isCheckUp('vet_hart', '2026-12-08T07:30:00Z'), false)
  assert.equal(isCheckUp('vet_patel', '2026-12-07T09:00:00Z'), false)
  assert.equal(isCheckUp('vet_nobody', '2026-12-08T09:00:00Z'), false)
})
