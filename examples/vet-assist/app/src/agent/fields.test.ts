import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf } from './fields.ts'
import { namesIn } from './names.ts'
import { visible } from './visible.ts'

test('ids stand for what the clinic said they are, and are shown beside it', () => {
  const names = namesIn([
    { pets: [{ petId: 'pet_1', name: 'Fido', owner: { sub: 'usr_bob', name: 'Bob' } }] },
    { slots: [{ vetId: 'vet_hart', vetName: 'Dr Amelia Hart' }] },
    {
      appointments: [
        {
          appointmentId: 'apt_1',
          petId: 'pet_2',
          petName: 'Bella',
          kind: 'check-up',
          startsAt: '2026-12-03T15:30:00+00:00',
        },
      ],
    },
  ])
  const args = { petId: 'pet_1', vetId: 'vet_hart', appointmentId: 'apt_1', otherId: 'pet_2' }
  assert.deepEqual(
    fieldsOf(args, names).map(({ label, value, raw }) => [label, value, raw]),
    [
      ['Pet', 'Fido', 'pet_1'],
      ['Vet', 'Dr Amelia Hart', 'vet_hart'],
      ['Appointment', 'Bella, check-up, Thursday 3 December 2026, 15:30', 'apt_1'],
      ['Other', 'Bella', 'pet_2'],
    ],
  )
})

test('times, dates and numbers are in words where there are words, and everything is shown', () => {
  const args = {
    startsAt: '2026-12-01T08:30:00+00:00',
    bornOn: '2020-02-30',
    dueOn: '2026-12-10',
    weightKg: 21.5,
    neutered: true,
    notes: null,
    repeat: { every: 12, unit: 'hour' },
  }
  assert.deepEqual(
    fieldsOf(args, new Map()).map(({ label, value }) => `${label}: ${value}`),
    [
      'Starts at: Tuesday 1 December 2026, 08:30',
      'Born on: 2020-02-30',
      'Due on: Thursday 10 December 2026',
      'Weight (kg): 21.5',
      'Neutered: yes',
      'Notes: nothing',
      'Repeat: {"every":12,"unit":"hour"}',
    ],
  )
})

test('what hides or reorders text is made visible', () => {
  assert.equal(visible('a\u202eb\u200bc\u00add\ufeffe\u2028f'), 'a⟨U+202E⟩b⟨U+200B⟩c⟨U+00AD⟩d⟨U+FEFF⟩e⟨U+2028⟩f')
  assert.equal(visible('tag \u{e0041}'), 'tag ⟨U+E0041⟩')
  assert.equal(visible('Zoë’s 1st\nline – 10 €'), 'Zoë’s 1st\nline – 10 €')
  assert.equal(fieldsOf({ 'na\u200bme': 'x' }, new Map())[0]?.label, 'Na⟨U+200B⟩me')
})
