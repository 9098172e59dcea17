import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppClient, type AuthorizationAsked, type ConnectRequest, createClient } from '@permitry/client'
import { nodeNetwork } from '@permitry/client/node'
import { askingWho, createClinic } from './clinic.ts'

const ISSUER = 'https://auth.vet.example'
const session = {
  idHash: 'hash',
  conversation: 'conversation-1',
  issuer: ISSUER,
  subject: 'usr_bob',
  name: null,
}

/** The real client, except that the clinic's server asks for an authorization at `issuer`. */
function asking(issuer: string, requests: ConnectRequest[] = []): AppClient {
  const client = createClient({
    name: 'Vet Assist AI',
    redirectUri: 'https://app.vet.example/callback',
    network: nodeNetwork(),
  })
  const asked: AuthorizationAsked = {
    status: 'authorize',
    id: 'one',
    url: `${issuer}/authorize?scope=openid`,
    reason: 'login',
    missing: [],
    withheldBefore: [],
    scopes: [],
    issuer,
    description: undefined,
    expiresAt: 1,
  }
  return { ...client, connect: async (request) => (requests.push(request), asked) }
}

test('the one who signed in to the app, and nobody else, may give the permission', async () => {
  const requests: ConnectRequest[] = []
  const opened = await createClinic(asking(ISSUER, requests), 'https://mcp.vet.example').open(session)
  assert.equal(opened.status, 'sign-in')
  assert.deepEqual(
    requests.map(({ user, subject }) => ({ user, subject })),
    [{ user: `${ISSUER} usr_bob`, subject: 'usr_bob' }],
  )
})

test('nobody is sent to another issuer than the one that signed them in: the same subject is somebody else there', async () => {
  const clinic = createClinic(asking('https://other.example'), 'https://mcp.vet.example')
  await assert.rejects(clinic.open(session), /trusts https:\/\/other\.example/)
})

test('who is there can be asked first, and the rest of the address stays', () => {
  assert.equal(askingWho(`${ISSUER}/authorize?scope=openid`), `${ISSUER}/authorize?scope=openid&prompt=select_account`)
})
