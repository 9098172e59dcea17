import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DueVaccine, dueVaccines } from './vaccine-schedule.ts'

const today = Temporal.PlainDate.from('2026-11-24')
const puppy = { species: 'dog', bornOn: '2026-10-20' } as const

function due(
  pet: Parameters<typeof dueVaccines>[0],
  shots: Record<string, string[]>,
  vaccine: string,
): DueVaccine | undefined {
  const given = Object.entries(shots).flatMap(([name, dates]) => dates.map((givenOn) => ({ vaccine: name, givenOn })))
  return dueVaccines(pet, given, today).find((candidate) => candidate.vaccine === vaccine)
}

test('a young animal is due for its first dose at the age of the schedule', () => {
  assert.deepEqual(due(puppy, {}, 'dog-dhp'), {
    vaccine: 'dog-dhp',
    title: 'Distemper, hepatitis and parvovirus',
    dueOn: '2026-12-15',
    status: 'due_soon',
    daysUntilDue: 21,
    lastGivenOn: null,
  })
})

test('the first course continues after its interval, then a booster after a year completes it', () => {
  assert.equal(due(puppy, { 'dog-dhp': ['2026-11-20'] }, 'dog-dhp')?.dueOn, '2026-12-18')
  assert.equal(due(puppy, { 'dog-dhp': ['2026-10-20', '2026-11-17'] }, 'dog-dhp')?.dueOn, '2027-11-17')
})

test('boosters come in the rhythm of each vaccine', () => {
  const doses = ['2024-01-10', '2024-02-07', '2025-02-07']
  assert.equal(due(puppy, { 'dog-dhp': doses }, 'dog-dhp')?.dueOn, '2028-02-07')
  assert.equal(due(puppy, { 'dog-leptospirosis': doses }, 'dog-leptospirosis')?.dueOn, '2026-02-07')
})

test('the last shot counts, in whatever order the record holds them', () => {
  const doses = ['2025-02-07', '2024-01-10', '2026-02-05', '2024-02-07']
  assert.equal(due(puppy, { 'dog-leptospirosis': doses }, 'dog-leptospirosis')?.lastGivenOn, '2026-02-05')
})

test('a shot on the last day of February is due on the last day of February', () => {
  const doses = ['2023-01-29', '2023-02-28', '2024-02-29']
  assert.equal(due(puppy, { 'dog-leptospirosis': doses }, 'dog-leptospirosis')?.dueOn, '2025-02-28')
})

test('without birthday and shots a pet is due today', () => {
  const found = due({ species: 'cat', bornOn: null }, {}, 'cat-flu')
  assert.deepEqual([found?.dueOn, found?.status], ['2026-11-24', 'due_soon'])
})

test('what was due yesterday is overdue', () => {
  const found = due(puppy, { 'dog-leptospirosis': ['2024-10-01', '2024-11-01', '2025-11-23'] }, 'dog-leptospirosis')
  assert.deepEqual([found?.status, found?.daysUntilDue], ['overdue', -1])
})

test('a vaccine that is not core is due only for a pet that has had it', () => {
  assert.equal(due(puppy, {}, 'dog-kennel-cough'), undefined)
  assert.equal(due(puppy, { 'dog-kennel-cough': ['2026-01-10'] }, 'dog-kennel-cough')?.dueOn, '2027-01-10')
})

test('what is due is sorted by date', () => {
  const list = dueVaccines({ species: 'rabbit', bornOn: '2026-01-01' }, [], today)
  assert.deepEqual(
    list.map((entry) => [entry.vaccine, entry.status]),
    [['rabbit-myxo-rhd', 'overdue']],
  )
  const dates = dueVaccines(puppy, [{ vaccine: 'dog-dhp', givenOn: '2026-11-20' }], today).map((entry) => entry.dueOn)
  assert.deepEqual(dates, dates.toSorted())
})
