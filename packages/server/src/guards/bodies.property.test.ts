import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCatalogue } from './catalogue-body.ts'
import { parseDecisionBatch } from './decision-body.ts'

const ISSUER = 'https://login.example'
const BATCH = { server: 'mcp://vetassist', batch: '0b9f2a4e-1c3d-4e5f-8a6b-7c8d9e0f1a2b' }

const EVENT = {
  decision_id: 'dec_0123456789abcdefghij',
  at: 1_800_000_000_000,
  outcome: 'allow',
  reasons: ['allowed'],
  iss: ISSUER,
  sub: 'usr_bob',
  client_id: 'app',
  jti: 'at_1',
  fam: 'fam_1',
  action: 'tools/call',
  resource: { type: 'tool', id: 'list_pets' },
}

/** A value in which some members have become something else. */
const bruised = (value: object) =>
  fc.record(
    Object.fromEntries(Object.entries(value).map(([key, good]) => [key, fc.oneof(fc.constant(good), fc.jsonValue())])),
    {
      requiredKeys: [],
    },
  )

test('whatever is sent as a batch is refused or read, and what is read keeps its bounds', () => {
  const body = fc.oneof(fc.jsonValue(), bruised({ ...BATCH, dropped: 1, unauthenticated: 2, events: [EVENT] }))
  fc.assert(
    fc.property(body, (sent) => {
      const batch = parseDecisionBatch(sent, ISSUER)
      if (batch) assert.ok(batch.dropped >= 0 && batch.unauthenticated >= 0 && batch.server !== '')
    }),
  )
})

test('one event that is none does not take the others with it', () => {
  fc.assert(
    fc.property(bruised(EVENT), (event) => {
      const batch = parseDecisionBatch({ ...BATCH, events: [EVENT, event, EVENT] }, ISSUER)
      assert.ok(batch && batch.events.length >= 2 && batch.events.length + batch.unusable === 3)
      for (const { iss, decision_id } of batch.events) {
        assert.equal(iss, ISSUER)
        assert.match(decision_id, /^dec_[\w-]+$/)
      }
    }),
  )
})

test('decisions about people of another issuer are counted and not taken', () => {
  const batch = parseDecisionBatch({ ...BATCH, events: [EVENT, { ...EVENT, iss: `${ISSUER}/t/other` }] }, ISSUER)
  assert.deepEqual([batch?.events.length, batch?.unusable], [1, 1])
})

test('more than 500 events, no events and no server are no batch', () => {
  for (const body of [
    { ...BATCH, events: Array.from({ length: 501 }, () => EVENT) },
    BATCH,
    { ...BATCH, server: '', events: [] },
    { ...BATCH, batch: 'one', events: [] },
    { ...BATCH, dropped: -1, events: [] },
  ])
    assert.equal(parseDecisionBatch(body, ISSUER), undefined)
})

const TOOL = { name: 'list_pets', scopes: ['read'], title: 'List pets', annotations: { readOnlyHint: true } }

test('whatever is sent as a catalogue is refused or read, with one item for each name', () => {
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({ server: fc.constant('mcp://vetassist'), tools: fc.array(bruised(TOOL), { maxLength: 3 }) }),
  )
  fc.assert(
    fc.property(body, (sent) => {
      const catalogue = parseCatalogue(sent)
      if (!catalogue) return
      const names = catalogue.items.map(({ kind, name }) => `${kind} ${name}`)
      assert.equal(new Set(names).size, names.length)
      for (const { name, annotations = {} } of catalogue.items) {
        assert.ok(name !== '' && name.isWellFormed() && !name.includes('\0'))
        assert.ok(Object.values(annotations).every((hint) => typeof hint === 'boolean'))
      }
    }),
  )
})

test('a tool that is named twice makes the whole catalogue none: nobody knows which rule counts', () => {
  assert.equal(parseCatalogue({ server: 'mcp://vetassist', tools: [TOOL, { ...TOOL, scopes: [] }] }), undefined)
})
