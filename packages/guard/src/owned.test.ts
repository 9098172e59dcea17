import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOwned } from './owned.ts'
import type { Principal } from './types.ts'

const bob: Principal = { iss: 'i', sub: 'bob', client_id: 'app', scopes: [], roles: [], jti: 'j', exp: 1 }
const carol: Principal = { ...bob, sub: 'carol' }

test('a session stays with whoever opened it, though its id is seen again with somebody else', () => {
  const sessions = createOwned<boolean>()
  sessions.remember('s1', bob, true)
  sessions.remember('s1', carol, true)
  assert.equal(sessions.find('s1', bob), true)
  assert.equal(sessions.find('s1', carol), undefined)
  assert.equal(sessions.find('s2', bob), undefined)
})

test('issuer, person and client make the owner, without running into each other', () => {
  const sessions = createOwned<boolean>()
  sessions.remember('s1', { ...bob, sub: 'a', client_id: 'b c' }, true)
  for (const other of [
    { ...bob, sub: 'a b', client_id: 'c' },
    { ...bob, sub: 'a', client_id: 'b' },
    { ...bob, iss: 'other', sub: 'a', client_id: 'b c' },
  ]) {
    assert.equal(sessions.find('s1', other), undefined)
  }
})

test('one person who opens sessions without end, with however many clients, displaces nobody else', () => {
  const sessions = createOwned<boolean>()
  sessions.remember('bobs', bob, true)
  for (let index = 0; index < 10_050; index++)
    sessions.remember(`carols-${index}`, { ...carol, client_id: `client ${index % 100}` }, true)
  assert.equal(sessions.find('bobs', bob), true)
  assert.equal(sessions.find('carols-0', { ...carol, client_id: 'client 0' }), undefined)
  assert.equal(sessions.find('carols-10049', { ...carol, client_id: 'client 49' }), true)
})

test('the sessions that were not used for longest are forgotten first', () => {
  const sessions = createOwned<boolean>()
  sessions.remember('used', bob, true)
  sessions.remember('idle', bob, true)
  assert.equal(sessions.find('used', bob), true)
  for (let index = 0; index < 9_999; index++) sessions.remember(`more-${index}`, bob, true)
  assert.equal(sessions.find('idle', bob), undefined)
  assert.equal(sessions.find('used', bob), true)
})
