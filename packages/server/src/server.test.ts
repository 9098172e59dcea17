import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthorizationServer } from './server.ts'
import { openStore } from './store/open-store.ts'
import { atTheEnd, emptySqlite } from './store/testing/databases.ts'

test('an issuer without TLS away from loopback, or a proxy that is no address, stops the start', async (t) => {
  const store = await openStore({ url: await emptySqlite(t) })
  atTheEnd(t, () => store.close())
  const start = (options: { issuer: string; trustedProxies?: readonly string[] }) =>
    createAuthorizationServer({ store, masterKey: new Uint8Array(32), ...options })
  await assert.rejects(start({ issuer: 'http://login.example' }), /use https/)
  await assert.rejects(start({ issuer: 'https://login.example/' }), /slash/)
  await assert.rejects(start({ issuer: 'https://login.example', trustedProxies: ['the proxy'] }), /`the proxy`/)
  await start({ issuer: 'https://login.example', trustedProxies: ['10.0.0.0/8'] })
})
