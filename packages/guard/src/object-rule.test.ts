import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectRule } from './index.ts'
import { idAt } from './object-rule.ts'
import type { Principal } from './types.ts'

const bob: Principal = { iss: 'i', sub: 'bob', client_id: 'app', scopes: [], roles: [], jti: 'j', exp: 1 }

test('an id is a text or a number at its own place', () => {
  assert.equal(idAt(['pet', 'id'], { pet: { id: 'fido' } }), 'fido')
  assert.equal(idAt(['petId'], { petId: 7 }), 7)
  for (const petId of [undefined, null, true, Number.NaN, ['fido'], { id: 'fido' }]) {
    assert.equal(idAt(['petId'], { petId }), undefined)
  }
  assert.equal(idAt(['petId', 'length'], { petId: 'fido' }), undefined)
  assert.equal(idAt(['petId'], Object.create({ petId: 'inherited' })), undefined)
})

test('`allow` must say `true`', () => {
  for (const answer of [false, undefined, 'yes', Promise.resolve(true)]) {
    const rule = objectRule({ argument: '$.id', type: 'pet', load: () => ({}), allow: () => answer as boolean })
    assert.equal(rule.allow(bob, {}), false)
  }
  const rule = objectRule({ argument: '$.id', type: 'pet', load: () => ({}), allow: ({ sub }) => sub === 'bob' })
  assert.equal(rule.allow(bob, {}), true)
})
