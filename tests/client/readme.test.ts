import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { appSecret } from '@permitry/testkit'
import { consent, redirectUri, startClinic } from './clinic.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'packages/client/README.md'), 'utf8')
const [, quickstart = ''] = /```ts\n([^]*?)```/.exec(readme) ?? []

test('the quickstart connects a host app in 20 lines, imports aside', () => {
  const lines = quickstart.split('\n').filter((line) => line !== '' && !line.startsWith('import '))
  assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines:\n${quickstart}`)
})

test('the examples are of types that fit, with no more around them than they import', async (t) => {
  const examples = [...readme.matchAll(/```ts\n(import [^]*?)```/g)].map(([, text = '']) => text)
  assert.ok(examples.length >= 2, 'a web app and a native one')
  const folder = mkdtempSync(join(import.meta.dirname, 'types-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [i, text] of examples.entries()) writeFileSync(join(folder, `example-${i}.ts`), text)
  writeFileSync(
    join(folder, 'app.ts'),
    `import type { Context } from 'hono'
     export declare const config: {
       issuer: string; server: string; clientSecret: string; internalOrigins: string[]; file: string; key: Uint8Array
     }
     export declare function sessionOf(c: Context): { user: string; secret: string }`,
  )
  const options = { extends: '../../../tsconfig.json', include: ['*.ts'], compilerOptions: { noUnusedLocals: false } }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  const check = (): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })
  const { status, stdout } = check()
  assert.equal(status, 0, stdout)
  writeFileSync(join(folder, 'example-0.ts'), examples[0]!.replace('redirectUri:', 'redirectUrl:'))
  assert.match(check().stdout, /'redirectUrl' does not exist in type 'ClientOptions'/)
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
