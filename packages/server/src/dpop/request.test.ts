import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createAuthorizationServer, type AuthorizationServerOptions } from '../server.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import { tellStory } from '../store/testing/story.ts'

const issuer = 'https://auth.example.com'
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const jwk = await exportJWK(publicKey)

const proof = (nonce: string | undefined): Promise<string> =>
  new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${issuer}/token`, ...(nonce === undefined ? {} : { nonce }) })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setIssuedAt()
    .sign(privateKey)

test('nonces are demanded as configured, and processes that share database and master key share nonces and spent proofs', async (t) => {
  const store = await openTestStore(t, emptySqlite)
  await tellStory(store, 'default')
  const setBound = (dpop_bound: 0 | 1) =>
    store.unit((tx) => tx.updateTable('clients').set({ dpop_bound, auth_method: 'none', secret_hash: null }).execute())
  const open = (dpopNonces?: AuthorizationServerOptions['dpopNonces']) =>
    createAuthorizationServer({
      store,
      issuer,
      masterKey: new Uint8Array(32),
      ...(dpopNonces === undefined ? {} : { dpopNonces }),
    })
  const send = async (server: Awaited<ReturnType<typeof open>>, dpop: string) => {
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'nobody issued this' }
    const body = new URLSearchParams(form)
    const response = await server.fetch(new Request(`${issuer}/token`, { method: 'POST', headers: { dpop }, body }))
    const { error } = (await response.json()) as { error: string }
    return { error, nonce: response.headers.get('dpop-nonce') ?? undefined }
  }
  const [plain, always, never] = await Promise.all([open(), open('always'), open('never')])

  await setBound(0)
  assert.equal((await send(plain, await proof(undefined))).error, 'invalid_grant')
  const asked = await send(always, await proof(undefined))
  assert.equal(asked.error, 'use_dpop_nonce')
  await setBound(1)
  assert.equal((await send(plain, await proof(undefined))).error, 'use_dpop_nonce')
  assert.deepEqual(await send(never, await proof(undefined)), { error: 'invalid_grant', nonce: undefined })

  // What one process gave the other one takes, and what was spent at one is spent at the other.
  const sent = await proof(asked.nonce)
  assert.equal((await send(plain, sent)).error, 'invalid_grant')
  assert.equal((await send(always, sent)).error, 'invalid_dpop_proof')
})
