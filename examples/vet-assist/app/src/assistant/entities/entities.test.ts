import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPets } from './pets.ts'
import { readRecurrence } from './recurrence.ts'
import { findChoice, findKind, findVet, findWeight, isNo, isYes } from './values.ts'

const PETS = [
  { petId: 'p1', name: 'Fido', species: 'dog' },
  { petId: 'p2', name: 'Bella', species: 'cat' },
]

function named(text: string): string[] {
  return findPets(text, PETS).pets.map(({ name }) => name)
}

test('pets are found by name, with one letter wrong, by species, and all at once', () => {
  assert.deepEqual(named('How much does fido weigh'), ['Fido'])
  assert.deepEqual(named('Fido’s and Bella’s jabs'), ['Fido', 'Bella'])
  assert.deepEqual(named('bela needs a jab'), ['Bella'])
  assert.deepEqual(named('my cat is due'), ['Bella'])
  assert.deepEqual(named('the puppy'), ['Fido'])
  assert.equal(findPets('are all my pets fine', PETS).all, true)
  assert.equal(findPets('book him in', PETS).pronoun, true)
})

test('a name that is nobody’s is told apart, and a word that is also a name is a word', () => {
  assert.equal(findPets("Misty's weight", PETS).stranger, 'Misty')
  assert.equal(findPets('lucky me, is ginger good for cats', PETS).stranger, undefined)
  assert.equal(findPets('Fido and his ginger biscuits', PETS).stranger, undefined)
})

test('recurrence is read and taken out of the text', () => {
  assert.deepEqual(readRecurrence('tablet at 8am every day for 10 days').repeat, { every: 1, unit: 'day', days: 10 })
  assert.deepEqual(readRecurrence('drops twice a day').repeat, { every: 12, unit: 'hour' })
  assert.deepEqual(readRecurrence('every 8 hours').repeat, { every: 8, unit: 'hour' })
  assert.deepEqual(readRecurrence('every other day').repeat, { every: 2, unit: 'day' })
  assert.deepEqual(readRecurrence('every three months').repeat, { every: 3, unit: 'month' })
  assert.deepEqual(readRecurrence('each Sunday at 9'), { repeat: { every: 1, unit: 'week' }, rest: 'Sunday at 9' })
  assert.deepEqual(readRecurrence('tomorrow'), { rest: 'tomorrow' })
})

test('weights are kilograms, whatever they were given in', () => {
  assert.equal(findWeight('20 kg now'), 20)
  assert.equal(findWeight('20.5kg'), 20.5)
  assert.equal(findWeight('4,6 kilos'), 4.6)
  assert.equal(findWeight('44 lbs'), 19.96)
  assert.equal(findWeight('900 g'), 0.9)
  assert.equal(findWeight('at 8'), undefined)
})

test('kinds of appointment, vets and choices', () => {
  assert.equal(findKind('his claws are long'), 'nail-trim')
  assert.equal(findKind('booster please'), 'vaccination')
  assert.equal(findKind('she is limping'), 'consultation')
  assert.equal(findKind('book it'), undefined)
  assert.equal(findVet('with Dr Patel'), 'vet_patel')
  assert.equal(findChoice('the second one', 3), 1)
  assert.equal(findChoice('3', 3), 2)
  assert.equal(findChoice('4', 3), undefined)
  assert.equal(findChoice('the last', 3), 2)
  assert.equal(findChoice('10:30', 3), undefined)
  assert.ok(isYes('yes please') && isNo('no thanks') && !isYes('yesterday he was ill') && !isNo('nothing is wrong'))
})
