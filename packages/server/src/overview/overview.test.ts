import assert from 'node:assert/strict'
import { publishCatalogue } from '../commands/catalogue.ts'
import { applied, CLINIC, consented, must, openTestOperator } from '../commands/testing.ts'
import { inTenant } from '../store/in-tenant.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { test } from 'node:test'
import { DECISION } from '../store/testing/everything.ts'
import { activitySince, HOUR } from './activity.ts'
import { findAttention } from './attention.ts'

describeOnEachDatabase('the overview', (emptyDatabase) => {
  test('counts calls and refusals by hour, says why, and who used what', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const { store, tenant } = operator
    const now = operator.now()
    const call = { ...DECISION, serverId: 'vetassist', subjectId: 'usr_bob', at: now - 2 * HOUR }
    const refused = { ...call, outcome: 'never', reasons: ['scope_missing', 'not_entitled'], at: now }
    await store.unit((tx) =>
      inTenant(tx, tenant).decisions.add([
        { ...call, id: 'dec_1' },
        { ...call, id: 'dec_2' },
        { ...refused, id: 'dec_3' },
        { ...call, id: 'dec_4', at: now - 30 * HOUR },
      ]),
    )
    const { hours, reasons, usage, refusals } = await activitySince(store, tenant, now - 24 * HOUR, now)
    assert.equal(hours.length, 25)
    assert.deepEqual(
      hours.filter(({ allowed, refused: no }) => allowed + no > 0).map(({ allowed, refused: no }) => [allowed, no]),
      [
        [2, 0],
        [0, 1],
      ],
    )
    assert.deepEqual(reasons, [{ reasons: ['scope_missing', 'not_entitled'], count: 1 }])
    assert.deepEqual(usage, [{ subjectId: 'usr_bob', clientId: 'app', serverId: 'vetassist', calls: 3, lastAt: now }])
    assert.deepEqual(refusals, [])
  })

  test('names servers that nobody protects, tools without scopes, and grants whose tools became more', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const look = async () => {
      const found = await findAttention(operator.store, operator.tenant, operator.now())
      return found.map(({ kind, id, count }) => `${kind} ${id} ${count}`)
    }
    assert.deepEqual(await look(), ['server_never_seen vetassist 1'])
    await consented(operator, 'usr_bob')
    const found = { kind: 'tool', name: 'new_tool' } as const
    await must(operator, publishCatalogue, { serverId: 'vetassist', source: 'import', items: [found] })
    assert.deepEqual(await look(), ['server_never_seen vetassist 1', 'tools_without_scopes vetassist 1'])
    const published = [{ ...found, scopes: ['write'], rule: {} }]
    await must(operator, publishCatalogue, { serverId: 'vetassist', source: 'guard', items: published })
    assert.deepEqual(await look(), ['tools_changed vetassist 1'])
  })
})
