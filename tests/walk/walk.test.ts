// The walk of the guide from an empty database to a tool call, once by commands alone and once by `permitry apply`.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { listen, passwordOf } from '@permitry/testkit'
import { createVetAssist } from '@vet-assist/mcp-server'
import { ok, permitry, whileServing } from 'permitry/src/testing.ts'
import { SpecClient } from '../story/spec-client.ts'

const ISSUER = 'version: 1\nissuer: http://127.0.0.1:0\n'
const REDIRECT = 'http://localhost:9402/callback'

async function makeFolder(t: TestContext, config: string, secret = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-walk-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'permitry.yaml'), config)
  await writeFile(join(folder, 'client.secret'), secret)
  return folder
}

/** Each step of the guide as a command line, and the secret of the client that the last but one registers. */
async function walkByCommands(folder: string, mcpUrl: string): Promise<string> {
  const run = (line: string, ...words: string[]) => ok(folder, [...line.split(' '), ...words])
  await run('migrate')
  await run('server add vetassist --identifier mcp://vetassist --claim roles --url', mcpUrl, '--name', 'VetAssist')
  const scope = 'server scope add vetassist'
  await run(`${scope} pet-profile:read --risk read --default yes --title`, 'See pet profiles')
  await run(`${scope} pet-profile:write --risk write --implies pet-profile:read --title`, 'Change pet profiles')
  await run('server tool add vetassist list_pets --scope pet-profile:read --title', 'List pets')
  await run('server tool add vetassist update_pet --scope pet-profile:write')
  await run('role add pet-owner --name', 'Pet Owner')
  await run('role add vet-staff --name', 'Vet Staff', '--description', 'Vets, nurses and reception.')
  await run('role give pet-owner vetassist pet-profile:read')
  await run('role give vet-staff vetassist pet-profile:read pet-profile:write')
  await run('group add clinic --role vet-staff --name', 'The clinic')
  await run('user add usr_bob --username bob --email bob@example.com --name', 'Bob Fletcher')
  await ok(folder, ['user', 'password', 'bob'], passwordOf('bob'))
  await run('role assign pet-owner bob')
  await run('user add usr_dana --username dana --name', 'Dana Whitlock')
  await run('group join clinic dana')
  const client = `client add vet-assist-ai --template web-app --redirect-uri ${REDIRECT} --json --name`
  const { client_secret: secret } = JSON.parse(await run(client, 'Vet Assist AI')) as { client_secret: string }
  await run('client authorize vet-assist-ai vetassist --scopes pet-profile:read pet-profile:write')
  return secret
}

/** The same in the words of a file. */
const declared = (mcpUrl: string): string => `${ISSUER}
servers:
  - id: vetassist
    identifier: mcp://vetassist
    name: VetAssist
    urls: ['${mcpUrl}']
    claims: [roles]
    default_scopes: ['pet-profile:read']
    scopes:
      - { name: 'pet-profile:read', title: See pet profiles, risk: read }
      - { name: 'pet-profile:write', title: Change pet profiles, risk: write, implies: ['pet-profile:read'] }
    tools:
      - { name: list_pets, title: List pets, scopes: ['pet-profile:read'] }
      - { name: update_pet, scopes: ['pet-profile:write'] }
roles:
  - { id: pet-owner, name: Pet Owner, scopes: { vetassist: ['pet-profile:read'] } }
  - id: vet-staff
    name: Vet Staff
    description: Vets, nurses and reception.
    scopes: { vetassist: ['pet-profile:read', 'pet-profile:write'] }
groups:
  - { id: clinic, name: The clinic, roles: [vet-staff] }
users:
  - { id: usr_bob, username: bob, name: Bob Fletcher, email: bob@example.com, password: ${passwordOf('bob')}, roles: [pet-owner] }
  - { id: usr_dana, username: dana, name: Dana Whitlock, groups: [clinic] }
clients:
  - id: vet-assist-ai
    template: web-app
    name: Vet Assist AI
    secret: \${file:client.secret}
    redirect_uris: ['${REDIRECT}']
    servers: { vetassist: ['pet-profile:read', 'pet-profile:write'] }
`

test('the walk by commands and the walk by apply end in the same state, and Bob calls a tool after either', async (t) => {
  await using mcp = await listen('localhost')
  const mcpUrl = `${mcp.origin}/mcp`
  const byCommands = await makeFolder(t, ISSUER)
  const secret = await walkByCommands(byCommands, mcpUrl)
  const byApply = await makeFolder(t, declared(mcpUrl), secret)
  await ok(byApply, ['apply', '--yes'])

  for (const folder of [byCommands, byApply])
    await whileServing(folder, async (issuer) => {
      const clinic = createVetAssist({ issuer, url: mcpUrl, dataFile: ':memory:' })
      mcp.serve((request) => clinic.fetch(request))
      const bob = new SpecClient({ mcpUrl, clientId: 'vet-assist-ai', secret, redirectUri: REDIRECT, person: 'bob' })
      const { status, body } = await bob.callTool('list_pets')
      assert.equal(status, 200)
      assert.match(JSON.stringify(body.result), /Fido/)
      assert.equal(bob.token?.['scope'], 'pet-profile:read')
      assert.equal((await bob.callTool('update_pet', { petId: 'any' })).body.result?.['isError'], true)
      await clinic.close()
    })

  const [one, other] = [await ok(byCommands, ['export', '--users']), await ok(byApply, ['export', '--users'])]
  assert.equal(one, other)
  assert.ok(!one.includes(secret) && !one.includes(passwordOf('bob')))
  for (const [folder, text] of [
    [byCommands, other],
    [byApply, one],
  ] as const) {
    await writeFile(join(folder, 'other.yaml'), text)
    const environment = { VET_ASSIST_AI_SECRET: secret }
    const planned = await permitry(folder, ['apply', '--dry-run', '--config', 'other.yaml'], { environment })
    assert.deepEqual(planned, { code: 0, stdout: 'nothing to change\n', stderr: '' })
  }
})
