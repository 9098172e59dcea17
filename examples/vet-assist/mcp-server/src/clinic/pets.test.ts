import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bob, carol, createTestClinic, dana, ISSUER, reasonOf, valueOf } from '../testing/clinic.ts'
import { all, bindCaller, type Caller, canReach, REACHABLE } from './clinic.ts'
import { addPet, getPet, listPets, updatePet } from './pets.ts'

const clinic = createTestClinic()
const names = (caller: Caller, filter: object = {}): string[] =>
  listPets(clinic, caller, { limit: 100, ...filter }).map((pet) => pet.name)

test('owners list their own pets, the staff lists all', () => {
  assert.deepEqual(names(bob), ['Bella', 'Fido'])
  assert.deepEqual(names(carol), ['Misty'])
  assert.deepEqual(names(dana), ['Bella', 'Fido', 'Misty'])
})

test('filters narrow what the caller may reach and never widen it', () => {
  assert.deepEqual(names(dana, { ownerName: 'okafor' }), ['Misty'])
  assert.deepEqual(names(dana, { species: 'cat' }), ['Bella', 'Misty'])
  assert.deepEqual(names(bob, { name: 'misty' }), [])
  assert.deepEqual(names(bob, { ownerName: 'Carol' }), [])
  assert.deepEqual(names(bob, { name: "' or 1 = 1 --" }), [])
})

test('an owner is known by issuer and subject together', () => {
  assert.deepEqual(names({ ...bob, iss: 'https://other.example' }), [])
  assert.equal(reasonOf(getPet(clinic, { ...bob, iss: 'https://other.example' }, clinic.fido)), 'not_found')
})

test('a foreign pet and an absent one answer alike', () => {
  const notFound = { ok: false, failure: { reason: 'not_found', what: 'pet' } }
  for (const petId of [clinic.misty, 'pet_absent']) {
    assert.deepEqual(getPet(clinic, bob, petId), notFound)
    assert.deepEqual(updatePet(clinic, bob, petId, { weightKg: 1 }), notFound)
  }
  assert.equal(valueOf(getPet(clinic, carol, clinic.misty)).weightKg, 5.9)
})

test('the condition in the queries and the check of one object are one rule', () => {
  const pets = all<{ iss: string; sub: string; inQuery: number }>
  for (const caller of [bob, carol, dana, { ...bob, iss: 'https://other.example' }]) {
    const sql = `select iss, sub, ${REACHABLE} as "inQuery" from pets`
    for (const pet of pets(clinic.db, sql, bindCaller(caller))) assert.equal(canReach(caller, pet), pet.inQuery === 1)
  }
})

test('a change touches the named fields and empties those that are null', () => {
  const before = valueOf(getPet(clinic, dana, clinic.bella))
  const after = valueOf(updatePet(clinic, dana, clinic.bella, { weightKg: 4.4, notes: null }))
  assert.deepEqual(after, { ...before, weightKg: 4.4, notes: null })
})

test('a change that names nothing, or a birthday in the future, is refused', () => {
  assert.equal(reasonOf(updatePet(clinic, dana, clinic.bella, {})), 'nothing_to_change')
  assert.equal(reasonOf(updatePet(clinic, dana, clinic.bella, { bornOn: '2026-11-25' })), 'date_in_future')
})

test('the staff registers a pet for a client, with an id that cannot be guessed', () => {
  const rex = { name: 'Rex', species: 'dog', sex: 'male', neutered: false, weightKg: 30 } as const
  const added = valueOf(addPet(clinic, dana, rex, 'usr_carol'))
  assert.deepEqual(added.owner, { sub: 'usr_carol', name: 'Carol Okafor' })
  assert.match(added.petId, /^pet_[A-Za-z0-9_-]{22}$/)
  assert.deepEqual(names(carol), ['Misty', 'Rex'])
  assert.equal(reasonOf(addPet(clinic, dana, rex, 'usr_nobody')), 'owner_unknown')
  assert.equal(reasonOf(addPet(clinic, dana, { ...rex, microchip: '977200009100451' }, 'usr_carol')), 'microchip_taken')
})

test('who is not staff registers for himself, whatever owner he names', () => {
  const rex = { name: 'Tom', species: 'cat', sex: 'male', neutered: true } as const
  assert.deepEqual(valueOf(addPet(clinic, bob, rex, 'usr_carol')).owner.sub, 'usr_bob')
  assert.equal(reasonOf(addPet(clinic, { iss: ISSUER, sub: 'usr_new', staff: false }, rex, undefined)), 'owner_unknown')
})
