// The guard of the example, with its credential, in front of its tools.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { findDecisions, readCatalogue } from '@permitry/server'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import { tokensOf } from '../security/world.ts'
import { auditOf, decisionsOf, openWorld, type World } from './world.ts'

const READ = 'pet-profile:read'

let world: World
let vetAssist: VetAssist
let token = ''
before(async () => {
  world = await openWorld()
  const { issuer, mcpUrl } = world.stack
  const { credential } = world
  vetAssist = createVetAssist({ issuer, url: mcpUrl, dataFile: ':memory:', credential })
  world.stack.serveMcp(vetAssist.fetch)
  token = (await tokensOf(issuer, 'bob', { scope: READ, resource: mcpUrl })).access
  await until(async () => (await send('tools/list', {})).status === 200)
})
after(() => world.close())

const operator = () =>
  ({ store: world.stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now }) as const

/** Waits for what another process does in its own time; a failing test ends by its timeout. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 400, 'it did not happen')
    await setTimeout(25)
  }
}

async function send(method: string, params: object, bearer = token): Promise<{ status: number; text: string }> {
  const response = await fetch(world.stack.mcpUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      authorization: `Bearer ${bearer}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return { status: response.status, text: await response.text() }
}

test('the tools that permitry.yaml declares and those that the guard publishes agree, in names, titles and scopes', async () => {
  const declared = await world.stack.store.read((db) => db.selectFrom('tools').selectAll().orderBy('name').execute())
  const isWhole = async (): Promise<boolean> => {
    const items = await world.stack.store.read((db) => db.selectFrom('catalogue_items').selectAll().execute())
    return items.length > 0 && items.every(({ title }) => title !== null)
  }
  // Titles come with the first list, the rules before it.
  await until(isWhole)
  const found = await readCatalogue(operator(), 'vetassist', 0)
  const published = (found?.entries ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  assert.ok(published.length > 10 && published.every(({ source }) => source === 'guard'))
  assert.deepEqual(
    published.map(({ name, title, scopes }) => [name, title, JSON.stringify(scopes)]),
    declared.map(({ name, title, scopes }) => [name, title, scopes]),
  )
  const items = await world.stack.store.read((db) => db.selectFrom('catalogue_items').selectAll().execute())
  const titles = new Map(declared.map(({ name, title }) => [name, title]))
  for (const { name, title } of items) assert.equal(title, titles.get(name))
})

test('a call is known to the server within a moment, and a refusal by the id that the person was told, in words', async () => {
  assert.equal((await send('tools/call', { name: 'list_pets', arguments: {} })).status, 200)
  const refused = await send('tools/call', { name: 'update_pet', arguments: { petId: 'x', weightKg: 9 } })
  const [id = assert.fail(refused.text)] = /dec_[0-9a-f]{32}/.exec(refused.text) ?? []
  await until(async () => (await findDecisions(operator(), id)).length > 0)
  const [decision] = await findDecisions(operator(), id)
  assert.equal(decision?.subjectId, 'usr_bob')
  assert.match(
    decision?.words.join(' ') ?? '',
    /Bob .*wanted the tool `update_pet`.*was refused.*No role of the person/,
  )
  const calls = (await decisionsOf(world)).filter(({ outcome }) => outcome === 'allow')
  assert.ok(calls.some(({ item_name, family_id }) => item_name === 'list_pets' && family_id !== null))
})

test('requests without a good token are counted, and what is left is told when the guard closes', async () => {
  for (let call = 0; call < 5; call++) assert.equal((await send('tools/list', {}, 'nonsense')).status, 401)
  await send('tools/call', { name: 'nothing_of_the_kind\nlogin.succeeded', arguments: {} })
  await vetAssist.close()
  const rows = await auditOf(world, 'guard.counted')
  const sum = rows.reduce((total, { detail }) => total + Number(detail['unauthenticated']), 0)
  assert.ok(sum >= 5, String(sum))
  const last = (await decisionsOf(world)).find(({ reasons }) => reasons.includes('rule_missing'))
  assert.equal(last?.item_name, 'nothing_of_the_kind\nlogin.succeeded')
})
