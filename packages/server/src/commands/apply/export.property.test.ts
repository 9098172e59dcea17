import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatConfig } from '../../config/format.ts'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { describeOnEachDatabase } from '../../store/testing/databases.ts'
import { runCommand, type Operator } from '../run.ts'
import { createTenant } from '../tenant.ts'
import { openTestOperator } from '../testing.ts'
import { apply, planApply } from './apply.ts'
import { exportState } from './export.ts'

const issuer = 'https://auth.example'
const SECRET = '0123456789abcdefghij0123456789abcdefghijklmnopq'
/** What YAML or an expansion could take for something else. */
const piece = fc.constantFrom('a', 'é', ' ', ': ', '#', '\n', '\t', '"', "'", '- ', '[', '${A}', '${', '$', '}', '1')
const text = fc.string({ unit: piece, maxLength: 6 })
const name = fc.oneof(
  fc.constantFrom('null', 'yes', '1', '~'),
  text.map((words) => `n${words}`.trim()),
)
const some = (names: readonly string[]) => fc.subarray([...names])

const servers = fc
  .uniqueArray(fc.constantFrom('r', 'w', 'pet:x', '1', 'null', '${A}'), { maxLength: 4 })
  .chain((scopes) =>
    fc.record(
      {
        id: fc.constant('s1'),
        identifier: fc.constant('mcp://s1'),
        name,
        scopes: fc.tuple(
          ...scopes.map((scope, index) =>
            fc.record(
              {
                name: fc.constant(scope),
                title: name,
                description: text,
                risk: fc.constantFrom('read', 'write', 'destructive'),
                implies: some(scopes.slice(index + 1)),
              },
              { requiredKeys: ['name', 'title', 'risk'] },
            ),
          ),
        ),
        urls: fc.constant(['https://s1.example/mcp']),
        claims: fc.constant(['roles']),
        access_token_minutes: fc.integer({ min: 1, max: 60 }),
        dynamic_client_scopes: fc.oneof(fc.constant('all'), some(scopes)),
        default_scopes: some(scopes),
        tools: fc.uniqueArray(
          fc.record({ name, title: name, scopes: some(scopes) }, { requiredKeys: ['name', 'scopes'] }),
          { selector: (tool) => tool.name, maxLength: 3 },
        ),
      },
      { requiredKeys: ['id', 'identifier', 'name', 'scopes'] },
    ),
  )
  .map((server) => [server])

const user = (id: string) =>
  fc.record(
    {
      id: fc.constant(id),
      username: name.map((words) => `${id} ${words}`),
      name,
      email: fc.constant(`${id}@x.example`),
      roles: some(['r1', 'r2']),
      groups: some(['g1']),
    },
    { requiredKeys: ['id', 'username', 'name'] },
  )

/** Two of them have ids that differ in a sign only, and each has a secret. */
const clients = fc.tuple(
  ...['a.b', 'a-b', '1'].map((id) =>
    fc.record({
      id: fc.constant(id),
      name,
      template: fc.constant('web-app'),
      secret: fc.constant(`${SECRET}${id}`),
      redirect_uris: fc.constant(['https://app.example/cb', 'https://app.example/a']),
      id_token_alg: fc.constantFrom('ES256', 'RS256'),
      dpop: fc.constantFrom('required', 'optional'),
      servers: fc.constantFrom({ s1: 'all' }, { s1: [] }, {}),
    }),
  ),
  fc.record({
    id: fc.constant('native'),
    name,
    template: fc.constant('native-app'),
    redirect_uris: fc.constant(['app://cb']),
  }),
  fc.record({
    id: fc.constant('agent'),
    name,
    template: fc.constant('agent'),
    jwks_uri: fc.constant('https://agent.example/keys'),
    guards: fc.constant(['s1']),
    roles: some(['r1', 'r2']),
    owner: fc.constant('u1'),
  }),
)

const file = fc
  .record({
    name: fc.option(name, { nil: undefined }),
    servers,
    users: fc.tuple(user('u1'), user('u2')),
    clients,
    text,
    held: some(['r1', 'r2']),
  })
  .map(({ text: description, held, name: of, ...rest }) => ({
    version: 1,
    ...(of === undefined ? {} : { name: of }),
    issuer,
    roles: [
      {
        id: 'r1',
        name: 'R',
        description,
        scopes: { s1: rest.servers[0]?.scopes.slice(0, 2).map((scope) => scope.name) ?? [] },
      },
      { id: 'r2', name: 'R' },
    ],
    groups: [{ id: 'g1', name: 'G', roles: held }],
    ...rest,
  }))

/** Nothing is expanded but the secrets, so `${A}` must come back as text. */
function load(yaml: string, secrets: ReadonlyMap<string, string>): Config {
  const environment = Object.fromEntries([...secrets].map(([id, variable]) => [variable, `${SECRET}${id}`]))
  const loaded = loadConfig(yaml, { environment, readFile: () => assert.fail('a file was read') })
  assert.ok(loaded.ok, `${JSON.stringify(loaded)}\n${yaml}`)
  return loaded.value
}

async function changesOf(operator: Operator, config: Config, execute: boolean): Promise<unknown> {
  const request = { config, prune: true }
  const plan = await planApply(operator, request)
  if (execute) assert.ok((await apply(operator, request, plan)).ok)
  return plan
}

const NOTHING = { changes: [], leftAlone: [] }

describeOnEachDatabase('export as a property', (emptyDatabase) => {
  test('what is exported makes the same state in an empty tenant, and changes nothing where it came from', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    let tenants = 0
    const emptyTenant = async () => {
      const made = { ...operator, tenant: `t${tenants++}` }
      await runCommand(made, createTenant, { name: '' })
      return made
    }
    await fc.assert(
      fc.asyncProperty(file, async (declared) => {
        const [first, second] = [await emptyTenant(), await emptyTenant()]
        const escaped = JSON.stringify(declared).replaceAll('${', () => '$${')
        await changesOf(first, load(escaped, new Map()), true)
        const exported = await exportState(first, { issuer, users: true })
        const again = load(formatConfig(exported.config, 'made by a test'), exported.secrets)
        assert.deepEqual(await changesOf(first, again, false), NOTHING)
        await changesOf(second, again, true)
        assert.deepEqual(await exportState(second, { issuer, users: true }), exported)
        // JSON is YAML too, so what programs get can be applied as it is.
        const asJson = load(JSON.stringify(exported.config), exported.secrets)
        assert.deepEqual(await changesOf(second, asJson, false), NOTHING)

        const without = await exportState(first, { issuer, users: false })
        assert.deepEqual(
          (without.config['users'] as { id: string }[]).map(({ id }) => id),
          ['u1'],
        )
        const { changes } = (await changesOf(
          first,
          load(formatConfig(without.config, ''), without.secrets),
          false,
        )) as { changes: { action: string }[] }
        assert.deepEqual(
          changes.filter(({ action }) => action !== 'delete'),
          [],
        )
      }),
      { numRuns: 20 },
    )
  })
})
