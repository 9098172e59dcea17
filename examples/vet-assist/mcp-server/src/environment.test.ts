import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEnvironment } from './environment.ts'

test('without variables the server uses the ports that everybody relies on', () => {
  const { port, issuer, dataFile } = readEnvironment({})
  assert.deepEqual([port, issuer], [9401, 'http://localhost:9400'])
  assert.match(dataFile, /\.data.vet-assist\.db$/)
})

test('the issuer follows the port of the authorization server', () => {
  assert.equal(readEnvironment({ PERMITRY_PORT: '9500' }).issuer, 'http://localhost:9500')
})

test('a variable that is no port is an error that names it', () => {
  for (const text of ['0', '70000', '9401x', '-1']) {
    assert.throws(() => readEnvironment({ VETASSIST_MCP_PORT: text }), /VETASSIST_MCP_PORT must be a port/)
  }
})

test('a busy port is an error that names its variable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vet-assist-'))
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const address = busy.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const main = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, VETASSIST_MCP_PORT: port, PERMITRY_DATA_DIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  main.stderr.on('data', (chunk) => (said += String(chunk)))
  const [code] = await once(main, 'close')
  assert.equal(code, 1)
  assert.match(said, new RegExp(`port ${port} is in use: set VETASSIST_MCP_PORT`))
  busy.close()
  rmSync(folder, { recursive: true })
})
