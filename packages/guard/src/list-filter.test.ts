import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guard } from './index.ts'
import { createTestIssuer, ISSUER, legacy, NOW, RESOURCE } from './test-issuer.ts'

test('a list is cut down inside a batch too, which servers of 2025-03-26 may send', async () => {
  const issuer = await createTestIssuer()
  const list = {
    jsonrpc: '2.0',
    id: 1,
    result: { tools: [{ name: 'shown' }, { name: 'hidden' }, { name: 'forgotten' }] },
  }
  const options = {
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { shown: [], hidden: 'never-granted' },
    clock: () => NOW,
    fetch: issuer.fetch,
  }
  const notification = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
  const serve = guard(options)(async () => Response.json([notification, list]))
  const token = await issuer.token({ entitlements: [] })
  const answer = await serve(legacy('tools/list', {}, token))
  assert.deepEqual(await answer.json(), [notification, { ...list, result: { tools: [{ name: 'shown' }] } }])
})
