import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeFolder, ok, permitry } from './testing.ts'

const publicJwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })

async function appliedFolder(t: TestContext): Promise<string> {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [{ ...publicJwk, kid: 'a' }] }))
  return folder
}

const add = (...args: string[]): string[] => ['client', 'add', ...args]

test('a client of a template is registered with what the template says, and its secret is shown once', async (t) => {
  const folder = await appliedFolder(t)
  const redirect = ['--redirect-uri', 'https://web.example/cb']
  const told = await ok(folder, add('web', '--template', 'web-app', ...redirect, '--server', 'vetassist=read'))
  const secret = /^client_secret: ([\w-]{43})$/m.exec(told)?.[1] ?? ''
  assert.match(told, /^registered web\n\nclient_id: web\n/)
  assert.match(told, /^token_endpoint_auth_method: client_secret_basic$/m)
  assert.match(told, /^grant_types: authorization_code refresh_token$/m)
  assert.match(told, /the secret is not stored and not shown again: keep it now$/)

  const shown = await ok(folder, ['client', 'show', 'web'])
  assert.match(
    shown,
    /^redirect_uris: https:\/\/web\.example\/cb\nservers: \{"vetassist":\["read"\]\}\nstatus: active$/m,
  )
  assert.ok(secret !== '' && !shown.includes(secret))
  const [first] = JSON.parse(await ok(folder, ['client', 'list', '--json'])) as { client_id: string }[]
  assert.equal(first?.client_id, 'vet-assist-ai')
  assert.match(
    await ok(folder, ['client', 'list']),
    /^web +web +client_secret_basic +authorization_code refresh_token +vetassist +active$/m,
  )
})

test('an agent authenticates by keys, holds roles and has somebody who answers for it', async (t) => {
  const folder = await appliedFolder(t)
  const agent = ['--template', 'agent', '--jwks', 'keys.json', '--role', 'vet-staff', '--owner', 'dana', '--json']
  const made = JSON.parse(await ok(folder, add('tidy', ...agent, '--server', 'vetassist'))) as Record<string, unknown>
  assert.deepEqual(made, {
    client_id: 'tidy',
    client_name: 'tidy',
    application_type: 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    jwks: { keys: [{ ...publicJwk, kid: 'a' }] },
    servers: { vetassist: 'all' },
    roles: ['vet-staff'],
    owner: 'usr_dana',
  })
  assert.equal(await ok(folder, ['role', 'unassign', 'vet-staff', 'tidy']), 'tidy no longer holds vet-staff')
  assert.equal(await ok(folder, ['role', 'assign', 'pet-owner', 'tidy']), 'tidy holds pet-owner now')
  assert.match(await ok(folder, ['client', 'show', 'tidy']), /^roles: pet-owner$/m)
  assert.equal(await ok(folder, ['apply', '--yes']), 'nothing to change')
})

test('what does not go together is one sentence, and nothing is registered', async (t) => {
  const folder = await appliedFolder(t)
  const cases: readonly [args: string[], sentence: RegExp][] = [
    [
      ['a', '--template', 'native-app', '--auth', 'client_secret_basic'],
      /cannot have `auth: client_secret_basic`: use none/,
    ],
    [['a', '--template', 'web-app'], /write at least one redirect URI/],
    [['a', '--template', 'agent', '--jwks', 'keys.json'], /needs an `owner`/],
    [['a', '--template', 'agent', '--owner', 'dana'], /needs its public keys/],
    [['a', '--template', 'agent', '--owner', 'nobody', '--jwks', 'keys.json'], /no person `nobody`/],
    [['a', '--template', 'machine', '--role', 'nurse'], /no role `nurse`/],
    [['a', '--template', 'machine', '--server', 'kennel'], /no server `kennel`/],
    [['a', '--template', 'machine', '--guards', 'kennel'], /no server `kennel`/],
    [['a', '--template', 'machine', '--auth', 'mtls'], /`auth`: it must be one of/],
    [
      ['a', '--template', 'mcp-client', '--redirect-uri', 'http://evil.example/cb'],
      /`http:\/\/evil\.example\/cb`: a redirect URI/,
    ],
    [['a', '--template', 'agent', '--jwks', 'permitry.yaml', '--owner', 'dana'], /is no JWK Set/],
    [['usr_bob', '--template', 'machine'], /`usr_bob` is a person/],
    [['vet-assist-ai', '--template', 'machine'], /the client id `vet-assist-ai` is taken/],
  ]
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await permitry(folder, add(...args))
    assert.deepEqual([code, stdout], [1, ''], args.join(' '))
    assert.match(stderr, sentence)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
  }
  assert.equal((JSON.parse(await ok(folder, ['client', 'list', '--json'])) as unknown[]).length, 1)
  assert.equal((await permitry(folder, ['client', 'show', 'a'])).code, 1)
  assert.equal((await permitry(folder, add('a', '--template', 'robot'))).code, 2)
})
