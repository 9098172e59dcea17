import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bob, createTestClinic, dana, reasonOf, valueOf } from '../testing/clinic.ts'
import { listVaccinations, nextVaccinations, recordVaccination } from './vaccinations.ts'

const clinic = createTestClinic()

test('Fido is due for leptospirosis sixteen days after the first start', () => {
  const [next] = valueOf(nextVaccinations(clinic, bob, clinic.fido)).due
  assert.deepEqual([next?.vaccine, next?.dueOn, next?.status], ['dog-leptospirosis', '2026-12-10', 'due_soon'])
})

test('the record is listed with the latest shot first', () => {
  const dates = valueOf(listVaccinations(clinic, bob, clinic.fido)).shots.map((shot) => shot.givenOn)
  assert.deepEqual(dates, dates.toSorted().toReversed())
})

test('a recorded shot moves the due date, and counts once', () => {
  const shot = { petId: clinic.fido, vaccine: 'dog-leptospirosis', givenOn: '2026-11-24', batch: 'LEP-9' }
  const { due } = valueOf(recordVaccination(clinic, dana, shot))
  assert.equal(due.find((entry) => entry.vaccine === 'dog-leptospirosis')?.dueOn, '2027-11-24')
  assert.equal(reasonOf(recordVaccination(clinic, dana, shot)), 'already_recorded')
})

test('a vaccine of another species and a date in the future are refused', () => {
  const shot = { petId: clinic.fido, vaccine: 'cat-flu', givenOn: '2026-11-24' }
  assert.equal(reasonOf(recordVaccination(clinic, dana, shot)), 'vaccine_not_for_species')
  const tomorrow = { petId: clinic.fido, vaccine: 'dog-dhp', givenOn: '2026-11-25' }
  assert.equal(reasonOf(recordVaccination(clinic, dana, tomorrow)), 'date_in_future')
})

test('the record of a foreign pet and of an absent one answer alike, and nothing is written', () => {
  const notFound = { ok: false, failure: { reason: 'not_found', what: 'pet' } }
  for (const petId of [clinic.misty, 'pet_absent']) {
    assert.deepEqual(listVaccinations(clinic, bob, petId), notFound)
    assert.deepEqual(nextVaccinations(clinic, bob, petId), notFound)
    assert.deepEqual(recordVaccination(clinic, bob, { petId, vaccine: 'cat-flu', givenOn: '2026-11-24' }), notFound)
  }
  const { shots } = valueOf(listVaccinations(clinic, dana, clinic.misty))
  assert.equal(
    shots.some((shot) => shot.givenOn === '2026-11-24'),
    false,
  )
})
