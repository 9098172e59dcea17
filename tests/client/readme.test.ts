import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { appSecret } from '@permitry/testkit'
import { consent, redirectUri, startClinic } from './clinic.ts'

const readme = readFileSync(join(import.meta.dirname, '../../packages/client/README.md'), 'utf8')
const [, quickstart = ''] = /```ts\n([^]*?)```/.exec(readme) ?? []

test('the quickstart connects a host app in 20 lines, imports aside', () => {
  const lines = quickstart.split('\n').filter((line) => line !== '' && !line.startsWith('import '))
  assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines:\n${quickstart}`)
})

test('the quickstart sends a person to log in, answers the interrupted call afterwards, and then answers at once', async (t) => {
  const clinic = await startClinic()
  // Beside this file, so that the packages are found by the names that a reader uses.
  const folder = mkdtempSync(join(import.meta.dirname, 'quickstart-'))
  t.after(async () => {
    rmSync(folder, { recursive: true })
    await clinic.close()
  })
  const config = {
    issuer: clinic.stack.issuer,
    server: clinic.stack.mcpUrl,
    internalOrigins: [clinic.stack.issuer, new URL(clinic.stack.mcpUrl).origin],
    clientSecret: appSecret,
    file: join(folder, 'connections.db'),
  }
  writeFileSync(
    join(folder, 'app.ts'),
    `export const config = { ...${JSON.stringify(config)}, key: new Uint8Array(32).fill(5) }
     export const sessionOf = () => ({ user: 'usr_1', secret: 'secret-of-the-session' })`,
  )
  writeFileSync(join(folder, 'main.ts'), quickstart.replace('https://app.vet.example/callback', redirectUri))
  const { app } = (await import(join(folder, 'main.ts'))) as { app: { request: (url: string) => Promise<Response> } }

  const first = await app.request('/pets')
  assert.equal(first.status, 302)
  const callback = await consent(first.headers.get('location') ?? '', 'bob')
  const [repeated] = (await (await app.request(callback)).json()) as unknown[]
  assert.match(JSON.stringify(repeated), /"status":"done".*Fido/)

  const second = await app.request('/pets')
  assert.equal(second.status, 200)
  assert.match(await second.text(), /Fido/)
  assert.equal((await app.request(callback)).status, 403, 'the callback is good for one use')
})
