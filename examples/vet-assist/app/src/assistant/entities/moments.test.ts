import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Moment, readMoments } from './moments.ts'

/** A Tuesday. */
const NOW = Date.parse('2026-11-24T09:30:00Z')

function read(text: string, now = NOW, past = false): Omit<Moment, 'after'>[] {
  return readMoments(text, { now, zone: 'Europe/London' }, past).moments.map((moment) => {
    const { after, ...rest } = moment
    assert.equal(typeof after, 'string')
    return rest
  })
}

function day(date: string): { from: string; to: string } {
  return { from: date, to: date }
}

const CASES: readonly [string, Omit<Moment, 'after'>[]][] = [
  ['book him in for it next Tuesday morning', [{ ...day('2026-12-01'), partOfDay: 'morning' }]],
  ['on 3/12 at 9.15', [{ ...day('2026-12-03'), time: '09:15' }]],
  ['tomorrow at half nine', [{ ...day('2026-11-25'), time: '09:30' }]],
  ['tmrw at quarter to ten', [{ ...day('2026-11-25'), time: '09:45' }]],
  ['the 5th at ten o’clock', [{ ...day('2026-12-05'), time: '10:00' }]],
  ['December 3rd at 2:30pm', [{ ...day('2026-12-03'), time: '14:30' }]],
  ['Tuesday week', [day('2026-12-08')]],
  ['in a fortnight', [day('2026-12-08')]],
  ['next week', [{ from: '2026-11-30', to: '2026-12-06' }]],
  ['in December', [{ from: '2026-12-01', to: '2026-12-31' }]],
  ['from Thursday to Friday at 3', [day('2026-11-26'), { ...day('2026-11-27'), time: '15:00' }]],
  ['at 3', [{ time: '15:00' }]],
  ['this evening at 8', [{ time: '20:00', partOfDay: 'afternoon' }]],
  ['in two hours', [{ instant: NOW + 2 * 3_600_000 }]],
  ['Fido weighs 20.5 kg', []],
]

for (const [text, expected] of CASES)
  test(`days and times in "${text}"`, () => {
    assert.deepEqual(read(text), expected)
  })

test('a date without a year lies behind when the past is spoken of', () => {
  assert.deepEqual(read('he had it on 3 October', NOW, true), [day('2026-10-03')])
  assert.deepEqual(read('he had it yesterday', NOW, true), [day('2026-11-23')])
})

test('"tomorrow" is the clinic’s day around the changes of the clock, and just before midnight', () => {
  const saturdayNight = Date.parse('2027-03-27T23:30:00Z')
  assert.deepEqual(read('tomorrow at 9', saturdayNight), [{ ...day('2027-03-28'), time: '09:00' }])
  // 00:30 on Monday in summer time, and still Sunday in UTC.
  assert.deepEqual(read('tomorrow at 9', Date.parse('2027-03-28T23:30:00Z')), [{ ...day('2027-03-30'), time: '09:00' }])
  const beforeWinter = Date.parse('2026-10-24T12:00:00Z')
  assert.deepEqual(read('tomorrow at 1:30', beforeWinter), [{ ...day('2026-10-25'), time: '13:30' }])
})

test('the zone of the machine makes no difference', (t) => {
  const zone = process.env['TZ']
  t.after(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  for (const other of ['America/Los_Angeles', 'Pacific/Auckland', 'Asia/Kolkata']) {
    process.env['TZ'] = other
    for (const [text, expected] of CASES) assert.deepEqual(read(text), expected, `${text} in ${other}`)
  }
})
