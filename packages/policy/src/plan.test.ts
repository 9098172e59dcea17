import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { all, none, planToSql, where, within, type Plan } from './index.ts'

const PETS = [
  { id: 'fido', ownerId: 'bob', species: 'dog' },
  { id: 'bella', ownerId: 'bob', species: 'cat' },
  { id: 'misty', ownerId: 'carol', species: 'cat' },
  { id: 'stray', species: 'cat' },
]

const PLANS: Record<string, Plan> = {
  everything: all,
  nothing: none,
  'own pets': where({ ownerId: 'bob' }),
  'own cats': where({ ownerId: 'bob', species: 'cat' }),
  'pets of two': where({ ownerId: ['bob', 'carol'] }),
  'pets of nobody': where({ ownerId: [] }),
  'own pets and all dogs': {
    kind: 'where',
    condition: {
      op: 'or',
      of: [
        { op: 'eq', field: 'ownerId', value: 'carol' },
        { op: 'eq', field: 'species', value: 'dog' },
      ],
    },
  },
  'no alternative': { kind: 'where', condition: { op: 'or', of: [] } },
  'a value that looks like SQL': where({ ownerId: "bob' OR '1'='1" }),
}

test('a plan chooses the same objects in a database and one by one', () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE pet (id TEXT, owner_id TEXT, species TEXT)')
  for (const pet of PETS) {
    database.prepare('INSERT INTO pet VALUES (?, ?, ?)').run(pet.id, pet.ownerId ?? null, pet.species)
  }
  for (const [name, plan] of Object.entries(PLANS)) {
    const { sql, parameters } = planToSql(plan, { ownerId: 'owner_id', species: 'species' })
    const rows = database
      .prepare(`SELECT id FROM pet WHERE ${sql}`)
      .all(...parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)))
    const oneByOne = PETS.filter((pet) => within(plan, pet)).map(({ id }) => id)
    assert.deepEqual(
      rows.map(({ id }) => id),
      oneByOne,
      name,
    )
  }
})

test('a field that no column is named for is an error, never a condition left out', () => {
  assert.throws(() => planToSql(where({ ownerId: 'bob' }), { species: 'species' }), /name its column/)
  assert.throws(() => planToSql(where({ constructor: 'bob' }), {}), /name its column/)
})

test('a plan without a field is refused, since it would be everything', () => {
  assert.throws(() => where({}), /write `all`/)
})

test('a missing value is refused, since it would equal every missing field', () => {
  const person: { clinic?: string } = {}
  assert.throws(() => where({ clinic: person.clinic! }), /needs a value for `clinic`/)
})
