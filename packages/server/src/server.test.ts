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

test('a method that an address does not take is refused with those that it takes, in the form that its readers read', async (t) => {
  const store = await openStore({ url: await emptySqlite(t) })
  atTheEnd(t, () => store.close())
  const server = await createAuthorizationServer({
    store,
    masterKey: new Uint8Array(32),
    issuer: 'https://login.example',
  })
  const send = async (method: string, path: string) =>
    server.fetch(new Request(`https://login.example${path}`, { method }))

  for (const path of ['/token', '/revoke', '/t/other/token']) {
    const response = await send('GET', path)
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST'], path)
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_request')
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
  }
  for (const path of ['/jwks', '/.well-known/openid-configuration']) {
    const response = await send('DELETE', path)
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET'], path)
  }
  const login = await send('PUT', '/login')
  assert.deepEqual([login.status, login.headers.get('allow')], [405, 'GET, POST'])
  assert.match(login.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.equal((await send('HEAD', '/jwks')).status, 200)
})
