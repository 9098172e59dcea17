// The admin API is a closed resource: who asks for it, by which name, and with what, decides whether there is a token for it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Config } from '@permitry/server'
import {
  applyClinic,
  authorize,
  type Authorization,
  Browser,
  authorizationUrl,
  type Person,
  requestToken,
  signIn,
  type Stack,
  startStack,
} from '@permitry/testkit'
import { decodeJwt } from 'jose'

const CALLBACK = 'https://tool.example/callback'
const SECRET = '0123456789abcdef'.repeat(4)

let stack: Stack

const tool = (id: string, servers: Config['clients'][number]['servers']): Config['clients'][number] => ({
  id,
  name: id,
  type: 'web',
  auth: 'client_secret_basic',
  secret: SECRET,
  redirect_uris: [CALLBACK],
  post_logout_redirect_uris: [],
  grant_types: ['authorization_code'],
  servers,
  guards: [],
  id_token_alg: 'RS256',
  dpop: 'optional',
})

/** Adds what an administrator may define: a tool of admins, and an MCP server that calls itself as the admin API does. */
function withTools(config: Config): Config {
  const posing = {
    id: 'posing',
    identifier: `${stack.issuer}/admin`,
    name: 'Posing',
    urls: [],
    claims: [],
    default_scopes: ['roles:write'],
    dynamic_client_scopes: 'all' as const,
    scopes: [{ name: 'roles:write', title: 'R', description: '', risk: 'read' as const, implies: [] }],
    tools: [],
  }
  const pets = config.roles.map((role) => ({ ...role, scopes: { ...role.scopes, posing: ['roles:write'] } }))
  return {
    ...config,
    servers: [...config.servers, posing],
    roles: pets,
    clients: [
      ...config.clients,
      tool('admin-tool', { permitry: 'all', vetassist: 'all' }),
      tool('poser', { posing: 'all' }),
    ],
  }
}

before(async () => {
  stack = await startStack()
  await applyClinic(stack.store, { VETASSIST_MCP_PORT: new URL(stack.mcpUrl).port }, 'default', withTools)
})
after(() => stack.close())

const admin = () => `${stack.issuer}/admin`

/** What an authorization request ends in before anybody signs in; undefined where the person is asked to. */
async function refusedAtOnce(asked: Partial<Authorization> & { readonly scope: string }): Promise<string | null> {
  const request = { clientId: 'admin-tool', redirectUri: CALLBACK, ...asked }
  const page = await new Browser().open((await authorizationUrl(stack.issuer, request)).url)
  return new URL(page.url).searchParams.get('error')
}

async function tokenOf(person: Person, scope: string) {
  const request = { clientId: 'admin-tool', redirectUri: CALLBACK, resource: admin(), scope }
  const { params, verifier } = await authorize(stack.issuer, request, person)
  const code = params.get('code') ?? ''
  const form = { grant_type: 'authorization_code', client_id: 'admin-tool', code, redirect_uri: CALLBACK }
  const { body } = await requestToken(stack.issuer, { ...form, code_verifier: verifier }, SECRET)
  return decodeJwt(String(body['access_token']))
}

test('an owner gets what was asked for, with the address of the admin API as the audience', async () => {
  const { aud, scope } = await tokenOf('admin', 'roles:write audit:read')
  assert.deepEqual({ aud, scope }, { aud: admin(), scope: 'roles:write audit:read' })
})

test('a person without an admin role gets nothing, and reads which role is missing', async () => {
  const request = { clientId: 'admin-tool', redirectUri: CALLBACK, resource: admin(), scope: 'roles:write' }
  const { url } = await authorizationUrl(stack.issuer, request)
  const browser = new Browser()
  const page = await signIn(browser, await browser.open(url), 'bob')
  assert.equal(page.status, 403)
  assert.match(page.text, /none of your roles opens what was asked for at Permitry administration/)
})

test('the admin API is meant only where it is named, and by its address alone', async () => {
  assert.equal(await refusedAtOnce({ scope: 'people:write' }), 'invalid_target')
  assert.equal(await refusedAtOnce({ scope: 'people:write', resource: 'urn:permitry:admin' }), 'invalid_target')
  assert.equal(await refusedAtOnce({ scope: 'people:write', resource: stack.mcpUrl }), 'invalid_scope')
  assert.equal(await refusedAtOnce({ scope: 'people:write', resource: admin() }), null)
  assert.equal(await refusedAtOnce({ scope: 'people:write', resource: admin(), clientId: 'vet-assist-ai' }), null)
})

test('an MCP server that calls itself by that address gets no token there, and takes none away', async () => {
  assert.equal(await refusedAtOnce({ clientId: 'poser', scope: 'roles:write' }), 'invalid_target')
  assert.equal(await refusedAtOnce({ clientId: 'poser', scope: 'roles:write', resource: admin() }), 'invalid_target')
})

test('a client that registered itself gets no admin scope, even for an owner', async () => {
  const response = await fetch(`${stack.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'New', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }),
  })
  const { client_id: clientId } = (await response.json()) as { client_id: string }
  const request = { clientId, redirectUri: CALLBACK, resource: admin(), scope: 'roles:write' }
  const { params } = await authorize(stack.issuer, request, 'admin')
  assert.equal(params.get('error'), 'invalid_target')
  const { params: withoutResource } = await authorize(
    stack.issuer,
    { clientId, redirectUri: CALLBACK, scope: 'people:write' },
    'admin',
  )
  assert.equal(withoutResource.get('error'), 'invalid_target')
})

test('no document names the admin API', async () => {
  const response = await fetch(`${stack.issuer}/.well-known/oauth-authorization-server`)
  const text = await response.text()
  assert.ok(!text.includes('/admin"') && !text.includes('urn:permitry:admin') && !text.includes('people:write'), text)
})
