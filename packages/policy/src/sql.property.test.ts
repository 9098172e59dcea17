import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Condition, planToSql, within } from './index.ts'

const text = fc.constantFrom('a', 'b', 'A', 'a ', '', "' OR 1=1 --", '?', '%', '\u0000', 'é')
const number = fc.constantFrom(0, 1, -1, 0.5)
const field = fc.constantFrom('name', 'size')

const leaf: fc.Arbitrary<Condition> = field.chain((field) => {
  const value: fc.Arbitrary<string | number> = field === 'name' ? text : number
  return fc.oneof(
    value.map((one): Condition => ({ op: 'eq', field, value: one })),
    fc.array(value, { maxLength: 3 }).map((values): Condition => ({ op: 'in', field, values })),
  )
})

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { maxLength: 3 }))
      .map(([op, of]): Condition => ({ op, of })),
  ),
}))

const object = fc.record({ name: text, size: number }, { requiredKeys: [] })

test('a database and this process choose the same objects, by any condition', () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE thing (id INTEGER, the_name TEXT, the_size REAL)')
  const insert = database.prepare('INSERT INTO thing VALUES (?, ?, ?)')
  fc.assert(
    fc.property(condition, fc.array(object, { maxLength: 6 }), (condition, objects) => {
      database.exec('DELETE FROM thing')
      for (const [id, { name, size }] of objects.entries()) insert.run(id, name ?? null, size ?? null)
      const plan = { kind: 'where', condition } as const
      const { sql, parameters } = planToSql(plan, { name: 'the_name', size: 'the_size' })
      const rows = database
        .prepare(`SELECT id FROM thing WHERE ${sql} ORDER BY id`)
        .all(...parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)))
      assert.deepEqual(
        rows.map(({ id }) => id),
        objects.flatMap((one, id) => (within(plan, one) ? [id] : [])),
      )
    }),
    { numRuns: 1000 },
  )
})

test('values never become SQL: the text has columns, placeholders and words of ours', () => {
  fc.assert(
    fc.property(condition, (condition) => {
      const { sql, parameters } = planToSql({ kind: 'where', condition }, { name: 'the_name', size: 'the_size' })
      assert.match(sql, /^(?:the_name|the_size|IN|AND|OR|[01=?(), ])+$/)
      assert.equal(sql.split('?').length - 1, parameters.length)
    }),
    { numRuns: 500 },
  )
})
