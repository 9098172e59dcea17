import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from './sessions.ts'
import type { Principal } from './types.ts'

const bob: Principal = { iss: 'i', sub: 'bob', client_id: 'app', scopes: [], roles: [], jti: 'j', exp: 1 }
const carol: Principal = { ...bob, sub: 'carol' }

test('a session stays with whoever opened it, though its id is seen again with somebody else', () => {
  const sessions = createSessions()
  sessions.remember('s1', bob)
  sessions.remember('s1', carol)
  assert.equal(sessions.isOwn('s1', bob), true)
  assert.equal(sessions.isOwn('s1', carol), false)
  assert.equal(sessions.isOwn('s2', bob), false)
})

test('issuer, person and client make the owner, without running into each other', () => {
  const sessions = createSessions()
  sessions.remember('s1', { ...bob, sub: 'a', client_id: 'b c' })
  for (const other of [
    { ...bob, sub: 'a b', client_id: 'c' },
    { ...bob, sub: 'a', client_id: 'b' },
    { ...bob, iss: 'other', sub: 'a', client_id: 'b c' },
  ]) {
    assert.equal(sessions.isOwn('s1', other), false)
  }
})

test('one person who opens sessions without end, with however many clients, displaces nobody else', () => {
  const sessions = createSessions()
  sessions.remember('bobs', bob)
  for (let index = 0; index < 10_050; index++)
    sessions.remember(`carols-${index}`, { ...carol, client_id: `client ${index % 100}` })
  assert.equal(sessions.isOwn('bobs', bob), true)
  assert.equal(sessions.isOwn('carols-0', { ...carol, client_id: 'client 0' }), false)
  assert.equal(sessions.isOwn('carols-10049', { ...carol, client_id: 'client 49' }), true)
})

test('the sessions that were not used for longest are forgotten first', () => {
  const sessions = createSessions()
  sessions.remember('used', bob)
  sessions.remember('idle', bob)
  assert.equal(sessions.isOwn('used', bob), true)
  for (let index = 0; index < 9_999; index++) sessions.remember(`more-${index}`, bob)
  assert.equal(sessions.isOwn('idle', bob), false)
  assert.equal(sessions.isOwn('used', bob), true)
})
