import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateAt, fromWire, instantAt, toWire } from './time.ts'

const date = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text)

test('nine in the morning has the offset of its own day', () => {
  assert.equal(toWire(instantAt(date('2026-03-28'), '09:00')), '2026-03-28T09:00:00+00:00')
  assert.equal(toWire(instantAt(date('2026-03-30'), '09:00')), '2026-03-30T09:00:00+01:00')
  assert.equal(toWire(instantAt(date('2026-10-24'), '09:00')), '2026-10-24T09:00:00+01:00')
  assert.equal(toWire(instantAt(date('2026-10-26'), '09:00')), '2026-10-26T09:00:00+00:00')
})

test('a time that spring skips is the time after the gap', () => {
  assert.equal(toWire(instantAt(date('2026-03-29'), '01:30')), '2026-03-29T02:30:00+01:00')
})

test('an instant is read with any offset and in whole seconds', () => {
  assert.equal(fromWire('2026-07-01T09:00:00.750+01:00'), Date.parse('2026-07-01T08:00:00Z'))
  assert.equal(fromWire('2026-07-01T03:00:00-05:00'), Date.parse('2026-07-01T08:00:00Z'))
})

test('the date at the clinic is the local one', () => {
  assert.equal(dateAt(Date.parse('2026-07-01T23:30:00Z')).toString(), '2026-07-02')
})
