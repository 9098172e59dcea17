import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.ts'

test('spoilt requests to every endpoint find no fault, no open redirect and no token that was not earned', async () => {
  let left = 400
  const { cases, accepted, found } = await fuzz(20_261_124, () => left-- === 0)
  assert.deepEqual(found, [])
  assert.ok(cases === 400 && accepted > 20, `${accepted} of ${cases} were accepted`)
})
