import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import type { ServerDefinition } from '../store/repositories/server-definitions.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { putClient, removeClient, resumeClient, suspendClient } from './client.ts'
import { runCommand, type Operator } from './run.ts'
import { putServer, removeServer } from './server.ts'
import {
  applied,
  auditOf,
  CLINIC,
  consented,
  livingOf,
  must,
  openTestOperator,
  read,
  revocationsOf,
} from './testing.ts'

async function serverOf(operator: Operator): Promise<ServerDefinition> {
  const server = await read(operator, ({ serverDefinitions }) => serverDefinitions.find('vetassist'))
  assert.ok(server)
  return server
}

async function clientOf(operator: Operator): Promise<ClientDefinition> {
  const client = await read(operator, ({ clientDefinitions }) => clientDefinitions.find('app'))
  assert.ok(client)
  return client
}

function catalogueVersion(operator: Operator): Promise<number> {
  return read(operator, ({ serverDefinitions }) => serverDefinitions.catalogueVersion('vetassist'))
}

describeOnEachDatabase('commands about MCP servers and clients', (emptyDatabase) => {
  test('a server is found by each of its names, in any spelling, after they changed', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, putServer, { ...(await serverOf(operator)), urls: ['https://vet.example/mcp'] })
    const found = (name: string) => read(operator, ({ servers }) => servers.findByResource(name))
    assert.deepEqual(await found('MCP://vetassist'), { serverId: 'vetassist', audience: 'mcp://vetassist' })
    assert.deepEqual(await found('https://VET.example/mcp'), {
      serverId: 'vetassist',
      audience: 'https://vet.example/mcp',
    })
    assert.equal(await found('http://localhost:9401/mcp'), undefined)
  })

  test('the catalogue version counts changes of scopes and tools, and of nothing else', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const server = await serverOf(operator)
    assert.equal(await catalogueVersion(operator), 1)
    await must(operator, putServer, { ...server, name: 'Vet Assist' })
    assert.equal(await catalogueVersion(operator), 1)
    await must(operator, putServer, { ...server, tools: [] })
    assert.equal(await catalogueVersion(operator), 2)
    await must(operator, putServer, { ...server, scopes: server.scopes.toReversed(), tools: [] })
    assert.equal(await catalogueVersion(operator), 3)
    assert.deepEqual(
      (await serverOf(operator)).scopes.map(({ name }) => name),
      ['write', 'read'],
    )
  })

  test('a scope that stays keeps its roles; one that goes is refused in the tokens that carry it', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    const server = await serverOf(operator)
    const scopes = server.scopes.filter(({ name }) => name === 'read')
    await must(operator, putServer, { ...server, scopes, tools: [] })
    const role = await read(operator, ({ roles }) => roles.find('vet-staff'))
    assert.deepEqual(role?.scopes, { vetassist: ['read'] })
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'fam_usr_bob' }])
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session', 'grant', 'family'])
  })

  test('removing a server ends its grants and families', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await must(operator, removeServer, { id: 'vetassist' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'fam_usr_bob' }])
    assert.match(JSON.stringify((await auditOf(operator)).at(-1)?.detail), /^\{"change":"removed"/)
  })

  test('a server is refused with a name that is taken, malformed or written twice, and with an unknown scope', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const server = await serverOf(operator)
    const refused = async (input: ServerDefinition) => {
      const done = await runCommand(operator, putServer, input)
      return done.ok ? done.value : done.error
    }
    assert.deepEqual(await refused({ ...server, id: 'b', identifier: 'MCP://VetAssist', urls: [] }), {
      reason: 'taken',
      what: 'server name',
      name: 'MCP://VetAssist',
    })
    assert.deepEqual(await refused({ ...server, urls: ['vet'] }), {
      reason: 'invalid',
      message: '`vet` cannot name a server: resource must be an absolute URI, such as `https://mcp.example.com/mcp`',
    })
    assert.deepEqual(await refused({ ...server, urls: ['mcp://VETASSIST'] }), {
      reason: 'invalid',
      message: '`mcp://VETASSIST` names the server twice: leave one out',
    })
    assert.deepEqual(await refused({ ...server, tools: [{ name: 'fly', title: 'Fly', scopes: ['fly'] }] }), {
      reason: 'unknown',
      kind: 'scope',
      id: 'fly',
    })
    assert.deepEqual(await refused({ ...server, scopes: [...server.scopes, ...server.scopes] }), {
      reason: 'invalid',
      message: 'a scope of `vetassist` is defined twice: keep one',
    })
  })

  test('a client that may ask for less has its living tokens refused', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const client = await clientOf(operator)
    await must(operator, putClient, { ...client, name: 'The app' })
    assert.deepEqual(await revocationsOf(operator), [])
    await must(operator, putClient, { ...client, servers: { vetassist: ['read', 'write'] } })
    await must(operator, putClient, { ...client, servers: { vetassist: ['read'] } })
    await must(operator, putClient, { ...client, servers: {} })
    await must(operator, putClient, { ...client, servers: { vetassist: 'all' } })
    assert.deepEqual(
      await revocationsOf(operator),
      [2, 3, 4].map((epoch) => ({ epoch, of: 'app' })),
    )
  })

  test('suspending a client refuses its tokens, and resuming it finds its grants as they were', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    assert.equal(await must(operator, suspendClient, { id: 'app' }), 'changed')
    assert.equal(await must(operator, suspendClient, { id: 'app' }), 'unchanged')
    assert.equal((await read(operator, ({ clients }) => clients.find('app')))?.active, false)
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'app' }])
    assert.equal(await must(operator, resumeClient, { id: 'app' }), 'changed')
    assert.equal((await read(operator, ({ clients }) => clients.find('app')))?.active, true)
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session', 'grant', 'family'])
  })

  test('removing a client removes what was granted to it and refuses its tokens', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await must(operator, removeClient, { id: 'app' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'app' }])
  })

  test('a client is refused with a redirect URI or a secret that must not be', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const client = await clientOf(operator)
    for (const wrong of [
      { redirectUris: ['http://app.example/cb'] },
      { postLogoutRedirectUris: ['app://out'] },
      { secretHash: 'hash' },
      { authMethod: 'client_secret_basic' as const },
    ]) {
      const done = await runCommand(operator, putClient, { ...client, ...wrong })
      assert.equal(!done.ok && done.error.reason, 'invalid', JSON.stringify(wrong))
    }
  })
})
