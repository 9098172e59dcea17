import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorBody, errorDescription, OAuthError } from './errors.ts'

test('a description may quote attacker-controlled input without leaving its characters', () => {
  assert.equal(errorDescription('scope `a"b\\c` is\r\nunknown'), "scope `a'b?c` is??unknown")
  assert.equal(errorDescription('naïve 🦴'), 'na?ve ?')
})

test('a body without description has only its code', () => {
  assert.deepEqual(errorBody('invalid_grant'), { error: 'invalid_grant' })
  assert.deepEqual(errorBody('invalid_scope', 'say "a"'), { error: 'invalid_scope', error_description: "say 'a'" })
})

test('an OAuthError keeps a stable code beside its message and cause', () => {
  const cause = new Error('connection reset')
  const error = new OAuthError('invalid_token', 'the token is not valid', { cause })
  assert.deepEqual(
    [error.name, error.code, error.message, error.cause],
    ['OAuthError', 'invalid_token', 'the token is not valid', cause],
  )
})
