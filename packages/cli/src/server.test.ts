import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder, ok, permitry } from './testing.ts'

interface Credential {
  readonly issuer: string
  readonly client_id: string
  readonly private_key: Readonly<Record<string, string>>
}

function readCredential(folder: string, file = 'vetassist.credential.json'): Credential {
  const path = join(folder, file)
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600)
  return JSON.parse(readFileSync(path, 'utf8')) as Credential
}

test('a server credential is made once, for its owner only, and the database holds no private half', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  assert.match(await ok(folder, ['server', 'credential', 'vetassist']), /^vetassist-guard has the key \S+\nwrote/)
  const { issuer, client_id, private_key } = readCredential(folder)
  assert.deepEqual([issuer, client_id], ['http://127.0.0.1:0', 'vetassist-guard'])
  assert.deepEqual(Object.keys(private_key).toSorted(), ['alg', 'crv', 'd', 'kid', 'kty', 'x', 'y'])
  const shown = JSON.parse(await ok(folder, ['client', 'show', 'vetassist-guard', '--json'])) as Record<string, unknown>
  assert.deepEqual(
    [shown['guards'], shown['token_endpoint_auth_method'], shown['grant_types']],
    [['vetassist'], 'private_key_jwt', []],
  )
  const files = readFileSync(join(folder, '.permitry', 'permitry.db')).toString('latin1')
  assert.ok(!files.includes(private_key['d'] ?? '-'))

  const again = await permitry(folder, ['server', 'credential', 'vetassist'])
  assert.match(again.stderr, /exists already: name another file/)
  const elsewhere = await permitry(folder, ['server', 'credential', 'vetassist', '--out', 'other.json'])
  assert.match(elsewhere.stderr, /the client id `vetassist-guard` is taken/)
  assert.ok(!existsSync(join(folder, 'other.json')), 'no file with a key that does not count')
  assert.match((await permitry(folder, ['server', 'credential', 'nobody'])).stderr, /there is no server `nobody`/)
})

test('a credential is rotated without a gap: both keys count until the old one is retired, and one is always left', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const credential = (...args: string[]) => permitry(folder, ['server', 'credential', 'vetassist', ...args])
  assert.match((await credential('--rotate')).stderr, /there is no server credential `vetassist-guard`/)
  await ok(folder, ['server', 'credential', 'vetassist', '--json'])
  const old = readCredential(folder).private_key['kid'] ?? ''
  assert.match((await credential('--retire', old)).stderr, /is the only key of `vetassist-guard`/)
  await ok(folder, ['server', 'credential', 'vetassist', '--rotate'])
  const next = readCredential(folder).private_key['kid'] ?? ''
  assert.deepEqual(JSON.parse((await credential('--list', '--json')).stdout), [old, next])
  assert.match((await credential('--retire', 'nobody')).stderr, /there is no credential key `nobody`/)
  assert.equal(await ok(folder, ['server', 'credential', 'vetassist', '--retire', old]), `retired ${old}`)
  assert.equal((await credential('--list')).stdout.trim(), next)
  assert.match((await credential('--rotate', '--retire', next)).stderr, /cannot be used with/)
})
