// Clients that nobody registered: what they may ask for, what is remembered of them, and for how long.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgetExpired } from './forget-expired.ts'
import type { InTenant } from './in-tenant.ts'
import type { DynamicClient } from './repositories/dynamic-clients.ts'
import { describeOnEachDatabase } from './testing/databases.ts'
import { openTestStore } from './testing/stores.ts'
import { DAY, MINUTE, NOW, readIn, unitIn } from './testing/story.ts'

const HOUR = 60 * MINUTE

const NOTES: DynamicClient = {
  id: 'https://notes.example/client.json',
  name: 'Notes',
  registration: 'cimd',
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
  grantTypes: ['authorization_code'],
  idTokenAlg: 'RS256',
  scopes: null,
  metadata: '{}',
}

/** An MCP server whose scope `write` implies `read`. */
async function addServer(t: InTenant, id: string, dynamicClientScopes: 'all' | readonly string[]): Promise<void> {
  const scope = { title: '', description: '', risk: 'read', implies: [], isDefault: false } as const
  const server = {
    id,
    identifier: `mcp://${id}`,
    name: id,
    urls: [],
    claims: [],
    accessTokenSeconds: null,
    dynamicClientScopes,
    scopes: [
      { ...scope, name: `${id}:read` },
      { ...scope, name: `${id}:write`, implies: [`${id}:read`] },
    ],
    tools: [],
  }
  await t.serverDefinitions.put(server, 1)
}

describeOnEachDatabase('a client that nobody registered', (emptyDatabase) => {
  test('may ask for what each server allows to such clients, less what it ruled out itself', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    await unitIn(store, 'default', async (inTenant) => {
      await addServer(inTenant, 'open', 'all')
      await addServer(inTenant, 'closed', [])
      await addServer(inTenant, 'half', ['half:write'])
      await addServer(inTenant, 'off', 'all')
      await inTenant.db.updateTable('servers').set({ status: 'suspended' }).where('id', '=', 'off').execute()
    })
    const mayAsk = (scopes: readonly string[] | null) =>
      unitIn(store, 'default', async (inTenant) => {
        await inTenant.dynamicClients.put({ ...NOTES, scopes }, NOW)
        return Object.fromEntries(await inTenant.clients.servers(NOTES.id))
      })
    assert.deepEqual(await mayAsk(null), { half: ['half:write'], open: 'all' })
    assert.deepEqual(await mayAsk(['open:write', 'half:read', 'off:read', 'closed:read', 'openid']), {
      half: ['half:read'],
      open: ['open:write', 'open:read'],
    })
    assert.deepEqual(await mayAsk(['openid']), {})
    assert.deepEqual([...(await readIn(store, 'default', ({ clients }) => clients.servers('nobody')))], [])
  })

  test('is not active while its document has a fault', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    const isActive = (fault: string | null) =>
      unitIn(store, 'default', async (inTenant) => {
        await inTenant.dynamicClients.put(NOTES, NOW)
        await inTenant.clientDocuments.put(NOTES.id, { freshUntil: NOW + HOUR, etag: '"1"', fault }, NOW)
        return (await inTenant.clients.find(NOTES.id))?.active
      })
    assert.deepEqual([await isActive('gone'), await isActive(null)], [false, true])
    assert.deepEqual(await readIn(store, 'default', (inTenant) => inTenant.clientDocuments.find(NOTES.id)), {
      freshUntil: NOW + HOUR,
      etag: '"1"',
      fault: null,
      consented: false,
    })
  })

  test('never takes the place of one that an operator registered', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    const { scopes: _, metadata: __, ...registered } = NOTES
    const done = await unitIn(store, 'default', async (inTenant) => {
      await inTenant.clientDefinitions.put({ ...registered, name: 'Ours', servers: {}, guards: [], agent: null }, NOW)
      return inTenant.dynamicClients.put(NOTES, NOW)
    })
    assert.equal(done, false)
    assert.equal((await readIn(store, 'default', ({ clients }) => clients.find(NOTES.id)))?.name, 'Ours')
  })

  test('is forgotten after a day, unless a person consented to it', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    await unitIn(store, 'default', async (inTenant) => {
      for (const id of ['never', 'consented']) await inTenant.dynamicClients.put({ ...NOTES, id }, NOW)
      await inTenant.clientDocuments.put('never', { freshUntil: NOW, etag: null, fault: null }, NOW)
      // Fetched again later: that makes no stranger younger.
      await inTenant.dynamicClients.put({ ...NOTES, id: 'never' }, NOW + HOUR)
      await inTenant.clients.markConsented('consented', NOW)
    })
    const left = () =>
      readIn(store, 'default', async ({ db }) => {
        const rows = await db.selectFrom('clients').select('id').where('id', 'in', ['never', 'consented']).execute()
        return rows.map(({ id }) => id).toSorted()
      })
    await forgetExpired(store, 'default', NOW + DAY)
    assert.deepEqual(await left(), ['consented', 'never'])
    await forgetExpired(store, 'default', NOW + DAY + 1)
    assert.deepEqual(await left(), ['consented'])
  })
})

describeOnEachDatabase('a rate is counted', (emptyDatabase) => {
  test('in windows that begin with their first, for each key and tenant', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    const count = (at: number, key = 'a', tenant = 'default') =>
      unitIn(store, tenant, ({ rateCounts }) => rateCounts.count(key, HOUR, at))
    assert.deepEqual([await count(NOW), await count(NOW + 1), await count(NOW + HOUR - 1)], [1, 2, 3])
    assert.deepEqual([await count(NOW, 'b'), await count(NOW, 'a', 'other')], [1, 1])
    assert.deepEqual([await count(NOW + HOUR), await count(NOW + HOUR + 1)], [1, 2])
  })

  test('completely, when many come at the same time', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    const counts = await Promise.all(
      Array.from({ length: 20 }, () => unitIn(store, 'default', ({ rateCounts }) => rateCounts.count('a', HOUR, NOW))),
    )
    assert.deepEqual(
      counts.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
  })
})

describeOnEachDatabase('the logo of a client', (emptyDatabase) => {
  test('is the one that was looked at last; none is kept of a client that was forgotten meanwhile', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default'])
    const logoUri = 'https://notes.example/logo.png'
    const picture = { digest: 'digest', png: Buffer.from([1, 2, 3]) }
    await unitIn(store, 'default', async (inTenant) => {
      await inTenant.dynamicClients.put(NOTES, NOW)
      await inTenant.clientLogos.put(NOTES.id, { logoUri, picture: null }, NOW)
      await inTenant.clientLogos.put(NOTES.id, { logoUri, picture }, NOW + MINUTE)
      await inTenant.clientLogos.put('https://gone.example/', { logoUri, picture }, NOW)
    })
    const kept = { logoUri, digest: 'digest', fetchedAt: NOW + MINUTE }
    assert.deepEqual(await readIn(store, 'default', (inTenant) => inTenant.clientLogos.find(NOTES.id)), kept)
    const png = await readIn(store, 'default', (inTenant) => inTenant.clientLogos.picture('digest'))
    assert.deepEqual(png, picture.png)
    const gone = await readIn(store, 'default', (inTenant) => inTenant.clientLogos.find('https://gone.example/'))
    assert.equal(gone, undefined)
  })
})
