import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainLeftOut, readRefusal } from './refusal.ts'

test('what no role of the person gives is explained as the staff’s, with the number of the decision', () => {
  const text =
    "Not permitted: update_pet needs the permission pet-profile:write, which this person's roles do not give. Asking again will not help. (decision dec_pgPw-J)"
  const refusal = readRefusal(text, [])
  assert.equal(refusal.permission, true)
  assert.equal(refusal.decision, 'dec_pgPw-J')
  assert.match(
    refusal.why,
    /^Only the clinic’s staff may change pet profiles and medical records\. Your account does not have this/,
  )
  assert.match(readRefusal(text, ['pet-profile:write']).why, /I asked for it, and it was not given\./)
})

test('a foreign pet and an absent one are explained alike', () => {
  for (const said of ['not found, or not yours: use an id from a list that you can see', 'no pet with this id'])
    assert.match(
      readRefusal(`Refused: ${said} (decision dec_1)`, []).why,
      /only what belongs to you.*does not tell which/,
    )
})

test('what was allowed and did not work keeps the words of the tool', () => {
  const refusal = readRefusal('somebody has that slot already; the next free ones are none', [])
  assert.deepEqual(refusal, { permission: false, why: 'Somebody has that slot already; the next free ones are none.' })
})

test('what the person left out is said in words', () => {
  assert.match(explainLeftOut(['appointments:read']), /you did not allow me to see appointments and free times/)
  assert.match(explainLeftOut(['other:thing']), /use “other:thing”/)
})
