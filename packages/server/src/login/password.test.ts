import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPasswordRules, hashPassword, isPasswordHash, MAX_PASSWORD_LENGTH, verifyPassword } from './password.ts'

test('a password is stored as Argon2id with 19 MiB, two passes and a salt of its own', async () => {
  const [first, second] = await Promise.all([hashPassword('bob-vet-demo'), hashPassword('bob-vet-demo')])
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(first, second)
})

test('the right password matches and every other does not', async () => {
  const stored = await hashPassword('bob-vet-demo')
  assert.equal(await verifyPassword('bob-vet-demo', stored), 'match')
  assert.equal(await verifyPassword('bob-vet-demO', stored), 'mismatch')
  assert.equal(await verifyPassword('', stored), 'mismatch')
})

test('a password matches however the keyboard composed its letters', async () => {
  assert.equal(await verifyPassword('Cafe\u0301 Fido', await hashPassword('Caf\u00e9 Fido')), 'match')
})

test('a person without a password cannot sign in with any password', async () => {
  assert.equal(await verifyPassword('', null), 'mismatch')
  assert.equal(await verifyPassword('bob-vet-demo', null), 'mismatch')
})

test('input beyond the longest password is a mismatch', async () => {
  const long = 'x'.repeat(MAX_PASSWORD_LENGTH + 1)
  assert.equal(await verifyPassword(long, await hashPassword(long)), 'mismatch')
})

test('a hash made by another program is checked with the cost that it names', async () => {
  // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 24
  const foreign = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await verifyPassword('password', foreign), 'match')
})

test('a hash that is damaged, of another kind or too costly is no hash', async () => {
  const stored = await hashPassword('bob-vet-demo')
  assert.equal(isPasswordHash(stored), true)
  for (const text of [
    '',
    'bob-vet-demo',
    stored.slice(0, 60),
    stored.replace('argon2id', 'argon2i'),
    stored.replace('m=19456', 'm=9999999'),
    stored.replace('t=2', 't=0'),
    stored.replace('p=1', 'p=0'),
    `${stored}\n`,
  ])
    assert.equal(isPasswordHash(text), false, text)
  await assert.rejects(verifyPassword('bob-vet-demo', 'bob-vet-demo'), /not Argon2id in PHC form/)
})

test('beyond two checks at once and 64 waiting the answer is busy', async () => {
  const answers = await Promise.all(Array.from({ length: 67 }, () => verifyPassword('bob-vet-demo', null)))
  assert.deepEqual(
    answers
      .map((answer, index) => (answer === (index < 66 ? 'mismatch' : 'busy') ? undefined : index))
      .filter((index) => index !== undefined),
    [],
  )
})

test('a new password has at least 8 characters and at most 1024', () => {
  assert.equal(checkPasswordRules('1234567'), 'the password is shorter than 8 characters')
  assert.equal(checkPasswordRules('🐈🐈🐈🐈'), 'the password is shorter than 8 characters')
  assert.equal(checkPasswordRules('12345678'), undefined)
  assert.equal(checkPasswordRules('x'.repeat(1025)), 'the password is longer than 1024 characters')
})
