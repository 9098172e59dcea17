import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchTemplates } from './uri-template.ts'

const match = matchTemplates([
  'clinic://hours',
  'pet://{petId}',
  'pet://{petId}/visits/{visitId}',
  'file:///a.b/{name}',
])

test('a URI finds its rule, and the variables of the template', () => {
  assert.deepEqual(match('clinic://hours'), { key: 'clinic://hours', variables: {} })
  assert.deepEqual(match('pet://fido'), { key: 'pet://{petId}', variables: { petId: 'fido' } })
  assert.deepEqual(match('pet://fido/visits/7')?.variables, { petId: 'fido', visitId: '7' })
})

test('a variable is one segment, and everything else stands for itself', () => {
  for (const uri of [
    'pet://',
    'pet://a/b',
    'pet:/fido',
    'PET://fido',
    'file:///aXb/c',
    'clinic://hours/',
    'xpet://fido',
    'pet://fido/visits/7/x',
  ]) {
    assert.equal(match(uri), undefined, uri)
  }
})

test('the template itself is a name of its rule, since lists of templates show it', () => {
  assert.equal(match('pet://{petId}')?.key, 'pet://{petId}')
})

test('a URI without end matches nothing, and finding that out takes no time', () => {
  const photo = matchTemplates(['photo://{pet}-{date}-{number}'])
  assert.deepEqual(photo('photo://fido-2026-1')?.variables, { pet: 'fido', date: '2026', number: '1' })
  assert.equal(photo(`photo://${'-'.repeat(1_000_000)}/`), undefined)
})
