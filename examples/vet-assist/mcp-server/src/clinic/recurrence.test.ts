import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextOccurrence, type Repeat } from './recurrence.ts'
import { fromWire, toWire } from './time.ts'

function next(first: string, repeat: Partial<Repeat>, after: string): string | null {
  const at = nextOccurrence(fromWire(first), { every: 1, unit: 'day', until: null, ...repeat }, fromWire(after))
  return at === null ? null : toWire(at)
}

test('a daily time stays at its hour when the clocks go forward and back', () => {
  assert.equal(next('2026-03-01T08:00:00+00:00', {}, '2026-03-28T09:00:00+00:00'), '2026-03-29T08:00:00+01:00')
  assert.equal(next('2026-10-01T08:00:00+01:00', {}, '2026-10-24T09:00:00+01:00'), '2026-10-25T08:00:00+00:00')
})

test('every twelve hours means twelve hours, also in the night of a change', () => {
  const repeat = { every: 12, unit: 'hour' } as const
  assert.equal(next('2026-03-28T20:00:00+00:00', repeat, '2026-03-28T20:00:00+00:00'), '2026-03-29T09:00:00+01:00')
})

test('a time that spring skips comes after the gap, and the next day at its own hour', () => {
  assert.equal(next('2026-03-28T01:30:00+00:00', {}, '2026-03-28T02:00:00+00:00'), '2026-03-29T02:30:00+01:00')
  assert.equal(next('2026-03-28T01:30:00+00:00', {}, '2026-03-29T12:00:00+01:00'), '2026-03-30T01:30:00+01:00')
})

test('the 31st is the last day of a shorter month, and the 31st again afterwards', () => {
  const monthly = { unit: 'month' } as const
  assert.equal(next('2027-01-31T18:00:00+00:00', monthly, '2027-02-01T00:00:00+00:00'), '2027-02-28T18:00:00+00:00')
  assert.equal(next('2027-01-31T18:00:00+00:00', monthly, '2027-02-28T18:00:00+00:00'), '2027-03-31T18:00:00+01:00')
})

test('an occurrence lies strictly after the instant, and missed ones are skipped', () => {
  const weekly = { every: 2, unit: 'week' } as const
  assert.equal(next('2026-11-02T08:00:00+00:00', weekly, '2026-11-16T08:00:00+00:00'), '2026-11-30T08:00:00+00:00')
  assert.equal(next('2026-11-02T08:00:00+00:00', weekly, '2027-01-05T08:00:00+00:00'), '2027-01-11T08:00:00+00:00')
})

test('the last date is included, and after it nothing comes', () => {
  const until = { until: '2026-12-03' }
  assert.equal(next('2026-12-01T08:00:00+00:00', until, '2026-12-02T08:00:00+00:00'), '2026-12-03T08:00:00+00:00')
  assert.equal(next('2026-12-01T08:00:00+00:00', until, '2026-12-03T08:00:00+00:00'), null)
})
