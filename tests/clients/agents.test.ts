// Clients that act for themselves, in the hands of libraries that other people wrote.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type webcrypto } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import {
  Client,
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { addClient, makeClient, type NewClient, runCommand } from '@permitry/server'
import { startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import * as oauth from 'oauth4webapi'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'key' }] }

let stack: Stack
let clinic: VetAssist
before(async () => {
  stack = await startStack()
  clinic = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:' })
  stack.serveMcp((request) => clinic.fetch(request))
})
after(async () => {
  await clinic.close()
  await stack.close()
})

/** Registers a client as an operator does; returns its secret. */
async function register(client: NewClient): Promise<string> {
  const made = makeClient({ name: client.id, servers: { vetassist: 'all' }, ...client })
  assert.ok(made.ok, made.ok ? '' : made.error)
  const operator = { store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now } as const
  const done = await runCommand(operator, addClient, made.value.definition)
  assert.ok(done.ok, done.ok ? '' : done.error.reason)
  return made.value.secret ?? ''
}

async function connect(provider: PrivateKeyJwtProvider | ClientCredentialsProvider): Promise<Client> {
  const client = new Client({ name: 'agent', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(stack.mcpUrl), { authProvider: provider }))
  return client
}

async function petsOf(client: Client): Promise<string[]> {
  const result = await client.callTool({ name: 'list_pets', arguments: {} })
  const { pets } = result.structuredContent as { pets: { name: string }[] }
  return pets.map(({ name }) => name).toSorted()
}

describe('the official MCP client as an agent', () => {
  it('proves by a signature who it is, and reaches what its role opens at VetAssist', async () => {
    await register({ id: 'night-job', template: 'agent', jwks, roles: ['vet-staff'], owner: 'usr_dana' })
    const client = await connect(
      new PrivateKeyJwtProvider({
        clientId: 'night-job',
        privateKey: pair.privateKey.export({ format: 'jwk' }) as Record<string, unknown>,
        algorithm: 'ES256',
        expectedIssuer: stack.issuer,
      }),
    )
    assert.deepEqual(await petsOf(client), ['Bella', 'Fido', 'Misty'])
    await client.close()
  })

  it('has no pets where its role is for owners, and sees no tool of the staff', async () => {
    const clientSecret = await register({ id: 'reader', template: 'machine', roles: ['pet-owner'] })
    const provider = new ClientCredentialsProvider({ clientId: 'reader', clientSecret, expectedIssuer: stack.issuer })
    const client = await connect(provider)
    assert.deepEqual(await petsOf(client), [])
    const refused = await client.callTool({ name: 'update_pet', arguments: { petId: 'pet_fido', weightKg: 1 } })
    assert.equal(refused.isError, true)
    await client.close()
  })
})

describe('oauth4webapi', () => {
  it('gets a token by private_key_jwt, asks about it and takes it back', async () => {
    await register({ id: 'signing', template: 'agent', jwks, roles: ['vet-staff'], owner: 'usr_dana' })
    const insecure = { [oauth.allowInsecureRequests]: true }
    const issuer = new URL(stack.issuer)
    const discovery = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
    const server = await oauth.processDiscoveryResponse(issuer, discovery)
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key: webcrypto.CryptoKey = pair.privateKey.toCryptoKey(algorithm, false, ['sign'])
    const client: oauth.Client = { client_id: 'signing' }
    const proof = oauth.PrivateKeyJwt({ key, kid: 'key' })
    const asked = { scope: 'pet-profile:read', resource: VET_ASSIST }
    const granted = await oauth.clientCredentialsGrantRequest(server, client, proof, asked, insecure)
    const tokens = await oauth.processClientCredentialsResponse(server, client, granted)
    assert.deepEqual([tokens.scope, tokens.expires_in, tokens.refresh_token], ['pet-profile:read', 300, undefined])

    const introspect = async () => {
      const answer = await oauth.introspectionRequest(server, client, proof, tokens.access_token, insecure)
      return oauth.processIntrospectionResponse(server, client, answer)
    }
    const { active, sub } = await introspect()
    assert.deepEqual([active, sub], [true, 'signing'])
    const revoked = await oauth.revocationRequest(server, client, proof, tokens.access_token, insecure)
    await oauth.processRevocationResponse(revoked)
    assert.deepEqual(await introspect(), { active: false })
  })
})
