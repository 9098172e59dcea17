import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isScopeToken } from '@permitry/oauth'
import type { FoundTool } from './inspect.ts'
import { proposeScopes } from './propose.ts'

const scopesOf = (...tools: FoundTool[]): Record<string, string> =>
  Object.fromEntries(proposeScopes('vet', tools).tools.map(({ name, scopes: [scope] }) => [name, scope]))

test('annotations say what a tool does, and the verb of its name where there are none', () => {
  assert.deepEqual(
    scopesOf(
      { name: 'list_pets' },
      { name: 'update_pet' },
      { name: 'deletePet' },
      { name: 'pet.archive', annotations: { destructiveHint: true } },
      { name: 'get-pet', annotations: { readOnlyHint: false } },
      { name: 'renew_pet', annotations: { readOnlyHint: true, destructiveHint: true } },
      { name: 'pet_frobnicate' },
    ),
    {
      deletePet: 'pet:delete',
      'get-pet': 'pet:write',
      list_pets: 'pet:read',
      'pet.archive': 'pet:delete',
      pet_frobnicate: 'pet:write',
      renew_pet: 'renew:read',
      update_pet: 'pet:write',
    },
  )
})

test('one thing has one name in singular and plural', () => {
  for (const [tool, scope] of [
    ['list_pets', 'pet:read'],
    ['list_categories', 'category:read'],
    ['list_boxes', 'box:read'],
    ['get_address', 'address:read'],
    ['get_status', 'status:read'],
    ['get_gas', 'gas:read'],
    ['search', 'vet:read'],
    ['delete', 'vet:delete'],
  ] as const)
    assert.deepEqual(scopesOf({ name: tool }), { [tool]: scope })
})

test('many things become the server itself, so that consent stays a page that is read', () => {
  const names = ['list_cats', 'list_dogs', 'list_birds', 'list_mice', 'list_snakes', 'update_newt']
  const proposal = proposeScopes(
    'zoo',
    names.map((name) => ({ name })),
  )
  assert.deepEqual(proposal.scopes, [
    { name: 'zoo:read', title: 'Read zoo', risk: 'read' },
    { name: 'zoo:write', title: 'Change zoo', risk: 'write' },
  ])
  assert.deepEqual(proposal.defaultScopes, ['zoo:read'])
})

test('whatever a server calls its tools, each has a scope that exists, and nothing that writes is a default', () => {
  const tool = fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }) })
  fc.assert(
    fc.property(fc.uniqueArray(tool, { selector: ({ name }) => name, maxLength: 12 }), (tools) => {
      const { scopes, tools: proposed, defaultScopes } = proposeScopes('zoo', tools)
      const known = new Map(scopes.map((scope) => [scope.name, scope]))
      assert.equal(proposed.length, tools.length)
      assert.equal(known.size, scopes.length)
      for (const { scopes: needed } of proposed) assert.ok(known.has(needed[0]))
      for (const { name } of scopes) assert.ok(isScopeToken(name), name)
      for (const name of defaultScopes) assert.equal(known.get(name)?.risk, 'read')
    }),
  )
})
