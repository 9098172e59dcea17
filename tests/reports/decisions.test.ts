import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createTenant, runCommand } from '@permitry/server'
import { addCredential, applyClinic, guardToken, VET_ASSIST } from '@permitry/testkit'
import { auditOf, batchOf, decisionsOf, eventOf, openWorld, report, type World } from './world.ts'

let world: World
/** A credential of the same tenant that guards another MCP server. */
let kennel: Pick<World, 'stack' | 'credential'>
before(async () => {
  world = await openWorld({
    change: (config) => {
      const [server] = config.servers
      if (!server) throw new Error('the clinic has no server')
      const other = { ...server, id: 'kennel', identifier: 'mcp://kennel', urls: [] }
      return { ...config, servers: [...config.servers, other] }
    },
  })
  kennel = { stack: world.stack, credential: await addCredential(world.stack, 'kennel') }
})
after(() => world.close())

test('each decision is a row that can be looked up, and a row in the chain with who, what, through which client and why', async () => {
  const allowed = eventOf(world, { object: { type: 'pet', id: 'pet_fido' } })
  const refused = eventOf(world, {
    outcome: 'never',
    reasons: ['not_entitled'],
    resource: { type: 'tool', id: 'add_pet' },
  })
  const { status } = await report(world, '/decisions', batchOf([allowed, refused]))
  assert.equal(status, 204)

  const [first, second] = await auditOf(world, 'call.allowed', 'call.refused')
  assert.deepEqual(
    [first, second].map((row) => [
      row?.type,
      row?.subject_id,
      row?.client_id,
      row?.server_id,
      row?.reason,
      row?.actor_id,
    ]),
    [
      ['call.allowed', 'usr_bob', 'vet-assist-dev', 'vetassist', 'allowed', 'vetassist-guard'],
      ['call.refused', 'usr_bob', 'vet-assist-dev', 'vetassist', 'not_entitled', 'vetassist-guard'],
    ],
  )
  assert.equal(first?.family_id, world.bob['fam'])
  assert.deepEqual([second?.detail['decision'], second?.detail['name']], [refused['decision_id'], 'add_pet'])
  const rows = await decisionsOf(world)
  assert.deepEqual(
    rows.map(({ item_name, subject_id, outcome }) => `${item_name} ${subject_id} ${outcome}`).toSorted(),
    ['add_pet usr_bob never', 'list_pets usr_bob allow'],
  )
})

test('what tells something of a person is in the chain as a commitment only', async () => {
  const named = 'call me at 555-0199'
  const event = eventOf(world, {
    outcome: 'never',
    reasons: ['rule_missing'],
    resource: { type: 'tool', id: named },
    object: { type: 'pet', id: 'pet_of_bob' },
  })
  await report(world, '/decisions', batchOf([event]))
  const rows = await auditOf(world, 'call.refused')
  assert.doesNotMatch(JSON.stringify(rows), /555-0199|pet_of_bob/)
  const clear = await world.stack.store.read((db) => db.selectFrom('audit_personal').selectAll().execute())
  assert.ok(clear.some(({ person, fields }) => person === 'usr_bob' && fields.includes('pet_of_bob')))
})

test('a batch that comes twice counts once, and so does a decision in two batches', async () => {
  const event = eventOf(world)
  const batch = batchOf([event, event])
  const before = await auditOf(world, 'call.allowed')
  for (const sent of [batch, batch, batchOf([event])])
    assert.equal((await report(world, '/decisions', sent)).status, 204)
  const answers = await Promise.all(Array.from({ length: 5 }, () => report(world, '/decisions', batch)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]))
  assert.equal((await auditOf(world, 'call.allowed')).length, before.length + 1)
})

test('a guard tells of its own server only, and hears no difference between a foreign one and none', async () => {
  const before = await decisionsOf(world)
  const answers = await Promise.all([
    report(kennel, '/decisions', batchOf([eventOf(world)])),
    report(kennel, '/decisions', batchOf([eventOf(world)], { server: 'mcp://nobody' })),
    report(world, '/decisions', batchOf([eventOf(world)], { server: 'mcp://kennel' })),
  ])
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  assert.equal(answers[0]?.status, 403)
  assert.deepEqual(await decisionsOf(world), before)
})

test('whom a guard names without a token of ours is kept as its claim, and is in nobody’s activity', async () => {
  const foreign = [
    // A person of this tenant who gave nobody access to this server.
    eventOf(world, { sub: 'usr_dana' }),
    eventOf(world, { client_id: 'vet-assist-ai' }),
    eventOf(world, { sub: 'usr_nobody', client_id: 'nothing', fam: 'fam_nothing' }),
    eventOf(world, { fam: undefined }),
    eventOf(world, { sub: 'vet-assist-ai', client_id: 'vet-assist-ai', fam: undefined }),
  ]
  assert.equal((await report(world, '/decisions', batchOf(foreign))).status, 204)
  const ids = new Set(foreign.map((event) => event['decision_id']))
  const rows = (await decisionsOf(world)).filter(({ id }) => ids.has(id))
  assert.equal(rows.length, foreign.length)
  for (const { subject_id, client_id, family_id, claimed } of rows) {
    assert.deepEqual([subject_id, client_id, family_id], [null, null, null])
    assert.ok(claimed !== null)
  }
  const told = (await auditOf(world, 'call.allowed')).filter(({ detail }) => ids.has(detail['decision']))
  assert.deepEqual(
    new Set(told.map((row) => [row.subject_id, row.client_id, row.detail['known']].join())),
    new Set([',,false']),
  )
  // By Bob's family, at the other server, the same token is nobody's.
  await report(kennel, '/decisions', batchOf([eventOf(world)], { server: 'mcp://kennel' }))
  const [row] = (await decisionsOf(world)).filter(({ server_id }) => server_id === 'kennel')
  assert.equal(row?.subject_id, null)
})

test('people of another tenant are not taken, whatever the guard there says', async () => {
  const operator = {
    store: world.stack.store,
    tenant: 'second',
    actor: { kind: 'cli', id: 'test' },
    now: Date.now,
  } as const
  assert.ok((await runCommand(operator, createTenant, { name: '' })).ok)
  await applyClinic(world.stack.store, { VETASSIST_MCP_PORT: '9999' }, 'second')
  const credential = await addCredential(world.stack, 'vetassist', 'second')
  const second = { credential, stack: { ...world.stack, issuer: credential.issuer } }
  assert.equal((await report(second, '/decisions', batchOf([eventOf(world)]))).status, 204)
  assert.equal((await report(second, '/decisions', batchOf([eventOf(world, { iss: credential.issuer })]))).status, 204)
  const rows = (await decisionsOf(world)).filter(({ tenant }) => tenant === 'second')
  assert.deepEqual(
    rows.map(({ subject_id, family_id }) => [subject_id, family_id]),
    [[null, null]],
  )
  const [counted] = (await auditOf(world, 'guard.counted')).filter(({ tenant }) => tenant === 'second')
  assert.equal(counted?.detail['unusable'], 1)
  // A token of one tenant opens nothing in the other.
  const token = await guardToken(world.credential)
  assert.equal((await report(second, '/decisions', batchOf([]), { token })).status, 401)
})

test('a token without the scope, of an application or of nobody opens nothing', async () => {
  assert.equal((await report(world, '/decisions', batchOf([]), { scope: 'signals catalogue' })).status, 403)
  for (const token of ['', 'nonsense', String(world.bob['jti'])])
    assert.equal((await report(world, '/decisions', batchOf([]), { token })).status, 401)
})

test('what is no batch is refused', async () => {
  const tooMany = Array.from({ length: 501 }, () => 0)
  for (const body of ['', '[]', '{"events": []', batchOf(tooMany), { ...batchOf([]), batch: 'again' }])
    assert.equal((await report(world, '/decisions', body)).status, 400, JSON.stringify(body).slice(0, 80))
})

test('what a caller chose to call a tool breaks no line, no row and no neighbour', async () => {
  const names = ['a\nlogin.succeeded usr_bob', 'a\0b', '\ud800', '<script>', '\u202eevil', 'x'.repeat(2049)]
  const events = names.map((id) =>
    eventOf(world, { outcome: 'never', reasons: ['rule_missing'], resource: { type: 'tool', id } }),
  )
  const neighbour = eventOf(world)
  assert.equal((await report(world, '/decisions', batchOf([...events, neighbour]))).status, 204)
  const stored = new Map((await decisionsOf(world)).map((row) => [row.id, row.item_name]))
  assert.ok(stored.has(String(neighbour['decision_id'])))
  // Only the one that is too long is not there.
  const kept = events.filter((event) => stored.has(String(event['decision_id'])))
  assert.equal(kept.length, names.length - 1)
  for (const name of stored.values()) assert.ok(name.isWellFormed() && !name.includes('\0'))
})

test('lost decisions and requests without a token are in the chain as numbers', async () => {
  await report(world, '/decisions', batchOf([], { dropped: 7, unauthenticated: 1234 }))
  const row = (await auditOf(world, 'guard.counted')).at(-1)
  assert.deepEqual(row?.detail, { dropped: 7, unauthenticated: 1234, unusable: 0 })
  assert.equal(row?.server_id, 'vetassist')
})

test('a flood of batches is refused until its minute is over, and holds up no other guard', async () => {
  const send = () => report(kennel, '/decisions', batchOf([], { server: 'mcp://kennel' }))
  assert.equal((await send()).status, 204)
  // As if it had come 600 times.
  const key = hash('sha256', 'decisions of kennel-guard', 'base64url')
  await world.stack.store.unit((tx) =>
    tx.updateTable('rate_counts').set({ count: 600 }).where('key', '=', key).execute(),
  )
  assert.equal((await send()).status, 429)
  assert.equal((await report(world, '/decisions', batchOf([], { server: VET_ASSIST }))).status, 204)
})

// The last one: the server closes the connection, which others would be sent on.
test('a batch that is too large is not even read', async () => {
  const body = batchOf([eventOf(world, { note: 'x'.repeat(1_100_000) })])
  assert.equal((await report(world, '/decisions', body)).status, 413)
})
