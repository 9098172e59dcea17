import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../store/database.ts'
import { createSessions, type Sessions } from './sessions.ts'

const HOUR = 60 * 60_000
const bob = { issuer: 'http://localhost:9400', subject: 'usr_bob', name: 'Bob Fletcher' }

function start(): { sessions: Sessions; pass: (hours: number) => void } {
  let now = Date.parse('2026-11-24T09:00:00Z')
  return { sessions: createSessions(openDatabase(':memory:'), () => now), pass: (hours) => void (now += hours * HOUR) }
}

test('a session is found by its secret, and by nothing that is stored', () => {
  const { sessions } = start()
  const { secret, session } = sessions.begin(bob)
  assert.deepEqual(sessions.find(secret), session)
  assert.equal(sessions.find(session.idHash), undefined)
  assert.equal(sessions.find(session.conversation), undefined)
  assert.equal(sessions.find(undefined), undefined)
})

test('each sign-in has a secret and a conversation of its own', () => {
  const { sessions } = start()
  const [first, second] = [sessions.begin(bob), sessions.begin(bob)]
  assert.notEqual(first.secret, second.secret)
  assert.notEqual(first.session.conversation, second.session.conversation)
  sessions.end(first.session)
  assert.equal(sessions.find(first.secret), undefined)
  assert.ok(sessions.find(second.secret))
})

test('a session ends after twelve hours without use, and after a week at the latest', () => {
  const { sessions, pass } = start()
  const idle = sessions.begin(bob)
  pass(13)
  assert.equal(sessions.find(idle.secret), undefined)
  const used = sessions.begin(bob)
  for (let day = 0; day < 14; day += 1) {
    pass(11)
    assert.ok(sessions.find(used.secret))
  }
  pass(15)
  assert.equal(sessions.find(used.secret), undefined)
  assert.deepEqual(sessions.sweep().sort(), [idle.session.conversation, used.session.conversation].sort())
})

test('a new conversation takes the place of the old one', () => {
  const { sessions } = start()
  const { secret, session } = sessions.begin(bob)
  const conversation = sessions.renewConversation(session)
  assert.notEqual(conversation, session.conversation)
  assert.equal(sessions.find(secret)?.conversation, conversation)
})
