import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestIssuer, legacy, messageOf, modern } from './test-issuer.ts'

const packageFolder = join(import.meta.dirname, '..')
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8')
const [, quickstart = ''] = /```ts\n([^]*?)```/.exec(readme) ?? []

test('the quickstart has at most 15 lines of code', () => {
  assert.ok(quickstart.split('\n').filter((line) => line.trim() !== '').length <= 16, quickstart)
})

test('the quickstart protects a server', async (context) => {
  const issuer = await createTestIssuer()
  context.mock.method(globalThis, 'fetch', issuer.fetch)
  // Inside the package, so that its own name and those of its dependencies are found.
  const folder = mkdtempSync(join(packageFolder, 'quickstart-'))
  context.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'server.ts'), quickstart)
  const { default: server } = (await import(join(folder, 'server.ts'))) as {
    default: { fetch: (request: Request) => Promise<Response> }
  }

  const iat = Math.floor(Date.now() / 1000)
  const token = await issuer.token({ scope: 'pets:read', entitlements: ['pets:read'], iat, exp: iat + 60 })
  for (const send of [modern, legacy]) {
    assert.equal((await server.fetch(send('tools/call', { name: 'list_pets' }))).status, 401)
    const { result } = await messageOf(await server.fetch(send('tools/call', { name: 'list_pets' }, token)))
    assert.deepEqual(result?.['content'], [{ type: 'text', text: 'bob' }])
    const explained = await messageOf(await server.fetch(send('tools/call', { name: 'update_pet' }, token)))
    assert.match(JSON.stringify(explained.result), /needs the permission pets:write/)
  }
})
