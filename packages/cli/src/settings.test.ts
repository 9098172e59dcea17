import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { existingMasterKey, serverMasterKey } from './master-key.ts'
import { readSettings } from './settings.ts'

const KEY = Buffer.alloc(32, 5).toString('base64url')

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-settings-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, '.permitry'))
  return folder
}

test('without any variable everything lies in the folder', () => {
  assert.deepEqual(readSettings({}, '/srv'), {
    configFile: '/srv/permitry.yaml',
    dataDir: '/srv/.permitry',
    databaseUrl: '/srv/.permitry/permitry.db',
    isPostgres: false,
    masterKey: undefined,
    masterKeyFile: undefined,
    port: undefined,
    gatewayPort: 9403,
  })
})

test('each variable moves one thing, and an empty one counts as unset', () => {
  const environment = {
    PERMITRY_CONFIG: 'clinic.yaml',
    PERMITRY_DATA_DIR: '/var/lib/permitry',
    DATABASE_URL: 'postgres://localhost/permitry',
    PERMITRY_MASTER_KEY: '',
    PERMITRY_MASTER_KEY_FILE: '/run/secrets/key',
    PERMITRY_PORT: '9500',
    PERMITRY_GATEWAY_PORT: '9503',
  }
  assert.deepEqual(readSettings(environment, '/srv'), {
    configFile: '/srv/clinic.yaml',
    dataDir: '/var/lib/permitry',
    databaseUrl: 'postgres://localhost/permitry',
    isPostgres: true,
    masterKey: undefined,
    masterKeyFile: '/run/secrets/key',
    port: 9500,
    gatewayPort: 9503,
  })
})

test('a variable that makes no sense is told by its name', () => {
  assert.throws(
    () => readSettings({ PERMITRY_PORT: '94OO' }, '/'),
    /`PERMITRY_PORT` is `94OO`: set it to a port number/,
  )
  assert.throws(() => readSettings({ PERMITRY_PORT: '65536' }, '/'), /set it to a port number/)
  assert.throws(
    () => readSettings({ DATABASE_URL: 'mysql://u:hunter2@x' }, '/'),
    (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/)
      return /`DATABASE_URL` must begin with postgres:/.test(error.message)
    },
  )
})

test('the master key is 32 bytes from a variable or from a file that only its owner reads', (t) => {
  const folder = folderOf(t)
  const file = join(folder, 'key')
  writeFileSync(file, `${KEY}\n`, { mode: 0o600 })
  for (const environment of [{ PERMITRY_MASTER_KEY: KEY }, { PERMITRY_MASTER_KEY_FILE: 'key' }])
    assert.deepEqual(Buffer.from(serverMasterKey(readSettings(environment, folder), false)), Buffer.alloc(32, 5))
})

test('a master key is refused when it is too short, missing, given twice, or lies in the data folder', (t) => {
  const folder = folderOf(t)
  writeFileSync(join(folder, '.permitry', 'key'), KEY, { mode: 0o600 })
  const refused = (environment: Record<string, string>, isLoopback = false) => {
    const settings = readSettings(environment, folder)
    try {
      serverMasterKey(settings, isLoopback)
    } catch (error) {
      return error instanceof Error ? error.message : undefined
    }
    return undefined
  }
  assert.match(
    refused({ PERMITRY_MASTER_KEY: 'hunter2' }) ?? '',
    /^PERMITRY_MASTER_KEY must hold 32 bytes in base64url: make/,
  )
  assert.doesNotMatch(refused({ PERMITRY_MASTER_KEY: 'hunter2' }) ?? '', /hunter2/)
  assert.match(refused({ PERMITRY_MASTER_KEY_FILE: 'none' }) ?? '', /none` does not exist: create it/)
  assert.match(refused({ PERMITRY_MASTER_KEY: KEY, PERMITRY_MASTER_KEY_FILE: 'key' }) ?? '', /are both set: keep one/)
  assert.match(refused({ PERMITRY_MASTER_KEY_FILE: '.permitry/key' }) ?? '', /lies in the data folder/)
  assert.equal(refused({ PERMITRY_MASTER_KEY_FILE: '.permitry/key' }, true), undefined)
  assert.match(refused({}) ?? '', /^the master key is missing: make one with `openssl/)
})

test('a command that needs the master key finds the one of a loopback server and makes none', (t) => {
  const folder = folderOf(t)
  assert.equal(existingMasterKey(readSettings({}, folder)), undefined)
  const made = serverMasterKey(readSettings({}, folder), true)
  assert.deepEqual(existingMasterKey(readSettings({}, folder)), made)
})
