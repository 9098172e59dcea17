import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../keys/secrets.ts'
import type { Client } from '../store/repositories/clients.ts'
import { checkClient } from './client-authentication.ts'

const rest = { assertion: undefined, audiences: [], nowSeconds: 0 }

const client: Client = {
  id: 'app',
  name: 'App',
  registration: 'registered',
  applicationType: 'web',
  authMethod: 'client_secret_basic',
  secretHash: sha256('the secret'),
  jwks: null,
  jwksUri: null,
  authSigningAlg: null,
  dpopBound: false,
  clientUri: null,
  logoUri: null,
  redirectUris: [],
  postLogoutRedirectUris: [],
  grantTypes: [],
  idTokenAlg: 'RS256',
  guards: [],
  active: true,
  createdAt: 0,
}

test('a client is who it says with its secret, and with nothing else', () => {
  assert.equal(checkClient({ ...rest, client, secret: 'the secret' }), undefined)
  for (const secret of ['', 'another', client.secretHash ?? '']) {
    assert.equal(checkClient({ ...rest, client, secret }), 'wrong_secret')
  }
})

test('where no secret is stored, none is right, the empty one included', () => {
  for (const secret of ['', 'another']) {
    assert.equal(checkClient({ ...rest, client: { ...client, secretHash: null }, secret }), 'wrong_secret')
  }
})
