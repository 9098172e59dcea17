import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createFloors, type Revocation } from './floors.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const bob = { sub: 'bob', client_id: 'app', fam: 'fam_1' }
const subject = (id: string, epoch: number, at = NOW): Revocation => ({ kind: 'subject', id, epoch, at })

describe('floors', () => {
  const raised: readonly (readonly [what: string, revocation: Revocation])[] = [
    ['a person or agent', subject('bob', 5)],
    ['a family', { kind: 'family', id: 'fam_1', epoch: 5, at: NOW }],
    ['a client', { kind: 'client', id: 'app', epoch: 5, at: NOW }],
    ['everybody', { kind: 'everybody', id: '', epoch: 5, at: NOW }],
  ]
  for (const [what, revocation] of raised) {
    test(`refuse tokens of ${what} that are older than the revocation, and those that do not say how old`, () => {
      const floors = createFloors(() => NOW)
      assert.equal(floors.isRevoked(bob, 4), false)
      floors.raise(revocation)
      assert.equal(floors.isRevoked(bob, 4), true)
      assert.equal(floors.isRevoked(bob, undefined), true)
      assert.equal(floors.isRevoked(bob, 5), false)
    })
  }

  test('leave others alone, also those whose name looks like another kind of name', () => {
    const floors = createFloors(() => NOW)
    floors.raise(subject('app', 5))
    floors.raise(subject('fam_1', 5))
    floors.raise({ kind: 'client', id: 'bob', epoch: 5, at: NOW })
    assert.equal(floors.isRevoked(bob, 1), false)
  })

  test('are never lowered, whatever comes later or again', () => {
    const floors = createFloors(() => NOW)
    floors.raise(subject('bob', 9))
    floors.raise(subject('bob', 3))
    floors.raise(subject('bob', 9))
    assert.equal(floors.isRevoked(bob, 8), true)
    assert.equal(floors.size, 1)
  })

  test('last as long as the longest token, and are then forgotten', () => {
    let now = NOW
    const floors = createFloors(() => now)
    floors.raise(subject('bob', 5))
    now += HOUR + 30_000
    assert.equal(floors.isRevoked(bob, 1), true)
    now += 60_000
    assert.equal(floors.isRevoked(bob, 1), false)
    floors.raise(subject('carol', 6, now))
    assert.equal(floors.size, 1)
    floors.raise(subject('dana', 6, now - 2 * HOUR))
    assert.equal(floors.size, 1)
  })

  test('beyond their number become one for everybody, so that no revoked token comes back', () => {
    const floors = createFloors(() => NOW, 2)
    for (const [index, id] of ['bob', 'carol', 'dana'].entries()) floors.raise(subject(id, index + 1))
    assert.equal(floors.size, 2)
    assert.equal(floors.isRevoked(bob, 0), true)
    assert.equal(floors.isRevoked({ sub: 'eve', client_id: 'x' }, 0), true)
    assert.equal(floors.isRevoked({ sub: 'eve', client_id: 'x' }, 1), false)
  })

  test('refuse whatever a list of all revocations would refuse, in any order and however few fit', () => {
    const revocation = fc.record({
      kind: fc.constantFrom('subject' as const, 'family' as const, 'client' as const, 'everybody' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      epoch: fc.nat(9),
      at: fc.integer({ min: NOW - 2 * HOUR, max: NOW }),
    })
    const names = fc.record({
      sub: fc.constantFrom('a', 'b'),
      client_id: fc.constantFrom('c', 'd'),
      fam: fc.constant('a'),
    })
    fc.assert(
      fc.property(fc.array(revocation), names, fc.nat(9), fc.constantFrom(1, 2, 100), (list, token, epoch, most) => {
        const floors = createFloors(() => NOW, most)
        for (const one of list) floors.raise(one)
        const names = { subject: token.sub, client: token.client_id, family: token.fam, everybody: undefined }
        const expected = list.some(
          ({ kind, id, epoch: floor, at }) =>
            (kind === 'everybody' || names[kind] === id) && epoch < floor && at > NOW - HOUR - 60_000,
        )
        // Fewer places may refuse more, and never less.
        const refused = floors.isRevoked(token, epoch)
        assert.ok(refused || !expected)
        // A floor may end later than each of those that it was made of, so only young ones can be compared.
        if (most === 100 && list.every(({ at }) => at > NOW - HOUR)) assert.equal(refused, expected)
      }),
    )
  })
})
