import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTenant } from '../store/in-tenant.ts'
import type { DynamicClient } from '../store/repositories/dynamic-clients.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { removeClient } from './client.ts'
import { deregisterClient, registerClient, replaceRegistration } from './registration.ts'
import { runCommand, type Operator } from './run.ts'
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

const HOUR = 3_600_000

const NOTES: DynamicClient = {
  id: 'dcr_notes',
  name: 'Notes',
  registration: 'dcr',
  applicationType: 'web',
  authMethod: 'none',
  secretHash: null,
  jwks: null,
  jwksUri: null,
  authSigningAlg: null,
  dpopBound: false,
  clientUri: null,
  logoUri: null,
  redirectUris: ['https://notes.example/callback'],
  postLogoutRedirectUris: [],
  grantTypes: ['authorization_code', 'refresh_token'],
  idTokenAlg: 'RS256',
  scopes: null,
  metadata: '{}',
}

/** The client itself, as the endpoints let it act. */
const as = (operator: Operator, id: string): Operator => ({ ...operator, actor: { kind: 'client', id } })

function register(operator: Operator, id: string, changes: { managementHash?: string; sharedKey?: string }) {
  const { managementHash = null, sharedKey = null } = changes
  const client = { ...NOTES, id }
  return runCommand(as(operator, id), registerClient, { client, managementHash, sharedKey, address: '192.0.2.1' })
}

describeOnEachDatabase('clients that register themselves', (emptyDatabase) => {
  test('share one row when 50 come with the same key at the same moment, and none of them can change it', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const ids = Array.from({ length: 50 }, (_, index) => `dcr_${index}`)
    const done = await Promise.all(ids.map((id) => register(operator, id, { sharedKey: 'key' })))
    assert.equal(done.filter((one) => one.ok && one.value === 'changed').length, 1)
    assert.ok(done.every((one) => one.ok))
    const shared = await read(operator, ({ registrations }) => registrations.findShared('key'))
    assert.ok(shared)
    const { id } = shared.client
    const client = { ...NOTES, id, name: 'Other' }
    const change = await runCommand(as(operator, id), replaceRegistration, { client, managementHash: null })
    const removal = await runCommand(as(operator, id), deregisterClient, { id, managementHash: null })
    for (const one of [change, removal]) assert.equal(!one.ok && one.error.reason, 'unknown')
    assert.deepEqual(
      (await auditOf(operator)).map(({ type, detail }) => [type, detail]),
      [['client.changed', { change: 'registered itself', shared: true }]],
    )
  })

  test('change and remove themselves with their own token, and nothing else', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await register(operator, 'dcr_a', { managementHash: 'a' })
    await register(operator, 'dcr_b', { managementHash: 'b' })
    const replace = (actor: string, id: string, managementHash: string) =>
      runCommand(as(operator, actor), replaceRegistration, { client: { ...NOTES, id, name: 'New' }, managementHash })
    for (const [actor, id, hash] of [
      ['dcr_b', 'dcr_a', 'a'],
      ['dcr_a', 'dcr_a', 'b'],
      ['dcr_a', 'dcr_b', 'b'],
    ] as const) {
      const done = await replace(actor, id, hash)
      assert.equal(!done.ok && done.error.reason, 'unknown', `${actor} ${id} ${hash}`)
    }
    assert.deepEqual(await replace('dcr_a', 'dcr_a', 'a'), { ok: true, value: 'changed' })
    assert.deepEqual(await replace('dcr_a', 'dcr_a', 'a'), { ok: true, value: 'unchanged' })
    const forbidden = await runCommand(as(operator, 'dcr_a'), removeClient, { id: 'app' })
    assert.equal(!forbidden.ok && forbidden.error.reason, 'forbidden')
    const posing = await runCommand(as(operator, 'dcr_a'), registerClient, {
      client: { ...NOTES, id: 'dcr_c' },
      managementHash: 'c',
      sharedKey: null,
      address: '192.0.2.1',
    })
    assert.equal(!posing.ok && posing.error.reason, 'forbidden')
  })

  test('end what people consented to when their codes would go elsewhere, and nobody else’s', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await register(operator, 'dcr_a', { managementHash: 'a' })
    await consented(operator, 'usr_bob', 'dcr_a')
    await consented(operator, 'usr_dana')
    const before = (await revocationsOf(operator)).length
    const replace = (changes: Partial<DynamicClient>) =>
      must(as(operator, 'dcr_a'), replaceRegistration, {
        client: { ...NOTES, id: 'dcr_a', ...changes },
        managementHash: 'a',
      })
    await replace({ name: 'Renamed' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session', 'grant', 'family'])
    assert.equal((await revocationsOf(operator)).length, before)
    await replace({ scopes: ['read'] })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session', 'grant', 'family'])
    assert.equal((await revocationsOf(operator)).at(-1)?.of, 'dcr_a')
    await replace({ scopes: ['read'], redirectUris: ['https://elsewhere.example/callback'] })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session'])
    assert.equal((await revocationsOf(operator)).length, before + 2)
    assert.deepEqual(await livingOf(operator, 'usr_dana'), ['session', 'grant', 'family'])

    await must(as(operator, 'dcr_a'), deregisterClient, { id: 'dcr_a', managementHash: 'a' })
    assert.equal(await read(operator, ({ clients }) => clients.find('dcr_a')), undefined)
    assert.equal((await revocationsOf(operator)).length, before + 3)
  })

  test('that nobody uses make room for new ones when there are too many, the oldest first and none of this hour', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const at = operator.now()
    const ids = ['dcr_1', 'dcr_2', 'dcr_3', 'dcr_4']
    for (const [index, id] of ids.entries())
      await register({ ...operator, now: () => at + index * 1000 }, id, { managementHash: id })
    await operator.store.unit((tx) =>
      tx.updateTable('clients').set({ consented_at: at }).where('id', '=', 'dcr_1').execute(),
    )
    const hasRoom = (most: number, now: number) => {
      const { store, tenant } = operator
      return store.unit((tx) => inTenant(tx, tenant).registrations.hasRoom(most, now))
    }
    assert.deepEqual([await hasRoom(3, at + 4000), await hasRoom(2, at + 4000)], [true, false])
    assert.equal(await hasRoom(2, at + HOUR + 5000), true)
    const left = await read(operator, ({ registrations }) => Promise.all(ids.map((id) => registrations.find(id))))
    assert.deepEqual(
      left.map((one) => one?.client.id),
      ['dcr_1', undefined, 'dcr_3', 'dcr_4'],
    )
  })
})
