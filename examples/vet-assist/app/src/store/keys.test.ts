import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createKeys, readKeyFile } from './keys.ts'

const keys = createKeys(new Uint8Array(32).fill(1))

test('what is sealed opens at its place only, and only as it was', () => {
  const sealed = keys.seal('a secret', 'here')
  assert.equal(keys.open(sealed, 'here'), 'a secret')
  assert.ok(!sealed.includes(Buffer.from('a secret').toString('base64url')))
  assert.throws(() => keys.open(sealed, 'there'))
  assert.throws(() => keys.open(`${sealed.slice(0, -2)}AA`, 'here'))
  assert.throws(() => createKeys(new Uint8Array(32).fill(2)).open(sealed, 'here'))
})

test('a proof is of these values and no others', () => {
  assert.equal(keys.prove(['a', 'b']), keys.prove(['a', 'b']))
  assert.notEqual(keys.prove(['a', 'b']), keys.prove(['ab']))
  assert.notEqual(keys.prove(['a', 'b']), keys.prove(['b', 'a']))
})

test('the key file is made once, for this user only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vet-assist-'))
  const file = join(folder, 'app.key')
  const first = readKeyFile(file)
  assert.equal(first.byteLength, 32)
  assert.deepEqual(readKeyFile(file), first)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  writeFileSync(file, 'short')
  assert.throws(() => readKeyFile(file), /must hold 32 bytes/)
  rmSync(folder, { recursive: true })
})
