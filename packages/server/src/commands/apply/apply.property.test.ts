import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Config } from '../../config/schema.ts'
import { inTenant } from '../../store/in-tenant.ts'
import { describeOnEachDatabase } from '../../store/testing/databases.ts'
import { runCommand, type Operator } from '../run.ts'
import { createTenant } from '../tenant.ts'
import { configOf, openTestOperator } from '../testing.ts'
import { apply, planApply } from './apply.ts'
import { currentDefinitions, type Definitions } from './desired.ts'

const SERVERS = ['s1', 's2']
const ROLES = ['r1', 'r2', 'r3']
const GROUPS = ['g1', 'g2']
const word = fc.constantFrom('a', 'b', 'ä', 'B')
const some = (names: readonly string[]) => fc.subarray([...names])

/** Any two of these share ids and names, so that one turns into the other by every kind of change. */
const config: fc.Arbitrary<Config> = fc
  .record({ servers: some(SERVERS), roles: some(ROLES), groups: some(GROUPS), users: some(['u1', 'u2', 'u3']) })
  .chain((ids) => {
    const scopes = fc.uniqueArray(fc.constantFrom('read', 'write', 'admin'), { minLength: 1 })
    return fc.record({
      servers: fc.tuple(...ids.servers.map((id) => server(id, scopes))),
      roles: fc.tuple(...ids.roles.map((id) => fc.record({ id: fc.constant(id), name: word, description: word }))),
      groups: fc.tuple(
        ...ids.groups.map((id) => fc.record({ id: fc.constant(id), name: word, roles: some(ids.roles) })),
      ),
      users: fc.tuple(
        ...ids.users.map((id) =>
          fc.record({ id: fc.constant(id), name: word, roles: some(ids.roles), groups: some(ids.groups) }),
        ),
      ),
      names: fc.shuffledSubarray(['bob', 'carol', 'dana'], { minLength: 3 }),
      urls: fc.shuffledSubarray(['https://x.example', 'https://y.example'], { minLength: 2 }),
      client: fc.option(
        fc.record({ scopes: fc.option(scopes, { nil: undefined }), type: fc.constantFrom('web', 'native') }),
      ),
      held: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    })
  })
  .map(({ servers, roles, groups, users, names, urls, client, held }) => {
    const empty = configOf('')
    const declared = servers.map((one, index) => ({ ...one, urls: [urls[index] ?? ''] }))
    const scopesOf = (index: number) =>
      Object.fromEntries(held[index] ? declared.map(({ id, scopes }) => [id, [scopes[0]?.name ?? '']]) : [])
    return {
      ...empty,
      servers: declared,
      roles: roles.map((role, index) => ({ ...role, scopes: scopesOf(index) })),
      groups,
      users: users.map((user, index) => ({ ...user, username: names[index] ?? '' })),
      clients: client
        ? [
            {
              id: 'c1',
              name: 'C',
              type: client.type,
              auth: 'none' as const,
              redirect_uris: ['https://c.example/cb'],
              post_logout_redirect_uris: [],
              grant_types: ['authorization_code' as const],
              guards: [],
              id_token_alg: 'RS256' as const,
              dpop: 'optional' as const,
              servers: Object.fromEntries(
                declared.map(({ id, scopes }) => [
                  id,
                  client.scopes === undefined ? 'all' : scopes.map(({ name }) => name),
                ]),
              ),
            },
          ]
        : [],
    } as Config
  })

function server(id: string, scopeNames: fc.Arbitrary<string[]>) {
  return fc.record({ name: word, scopeNames, title: word, hasRoles: fc.boolean() }).map((of) => ({
    id,
    identifier: `mcp://${id}`,
    name: of.name,
    claims: of.hasRoles ? ['roles'] : [],
    default_scopes: of.scopeNames.slice(0, 1),
    dynamic_client_scopes: of.hasRoles ? 'all' : of.scopeNames,
    scopes: of.scopeNames.map((name) => ({ name, title: of.title, description: '', risk: 'read', implies: [] })),
    tools: of.scopeNames.map((name) => ({ name: `${name}_pets`, scopes: [name] })),
  }))
}

async function run(
  operator: Operator,
  wanted: Config,
  prune: boolean,
): Promise<{ changes: number; state: Definitions }> {
  const request = { config: wanted, prune }
  const done = await apply(operator, request, await planApply(operator, request))
  assert.ok(done.ok, JSON.stringify(done))
  const state = await operator.store.read((db) => currentDefinitions(inTenant(db, operator.tenant)))
  return { changes: done.value.changes.length, state }
}

describeOnEachDatabase('apply as a property', (emptyDatabase) => {
  test('any state can be applied, applying it again changes nothing, and from any other state it is reached again', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    let tenants = 0
    await fc.assert(
      fc.asyncProperty(config, config, async (x, y) => {
        const inNewTenant = { ...operator, tenant: `t${tenants++}` }
        await runCommand(inNewTenant, createTenant, { name: 'T' })
        const first = await run(inNewTenant, x, false)
        assert.equal((await run(inNewTenant, x, true)).changes, 0)
        await run(inNewTenant, y, true)
        assert.deepEqual((await run(inNewTenant, x, true)).state, first.state)
        assert.equal((await run(inNewTenant, x, false)).changes, 0)
      }),
      { numRuns: 40 },
    )
  })
})
