// One kind of token where another belongs (RFC 9700 §4.9, RFC 9068 §5, MCP token passthrough): each opens its own door only.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, startStack, type Stack } from '@permitry/testkit'
import {
  addSecondClinic,
  CALLBACK,
  codeForm,
  post,
  READ,
  refresh,
  serveGuarded,
  type Tokens,
  tokensOf,
} from './world.ts'

let stack: Stack
let second: string
let callTool: (token: string) => Promise<number>
let forTool: Tokens
let forIssuer: Tokens
let foreignTool: Tokens
let foreignIssuer: Tokens
const bobs = new Browser()
before(async () => {
  stack = await startStack()
  callTool = serveGuarded(stack)
  second = await addSecondClinic(stack)
  const both = { scope: `openid ${READ}`, resource: stack.mcpUrl }
  const browser = bobs
  forTool = await tokensOf(stack.issuer, 'bob', { ...both, browser })
  forIssuer = await tokensOf(stack.issuer, 'bob', { scope: 'openid', browser })
  foreignTool = await tokensOf(second, 'bob', { ...both, browser })
  foreignIssuer = await tokensOf(second, 'bob', { scope: 'openid', browser })
})
after(() => stack.close())

type Door = (token: string) => Promise<boolean>

const openHint: Door = async (hint) => {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl }
  const { url } = await authorizationUrl(stack.issuer, { ...request, extra: { prompt: 'none', id_token_hint: hint } })
  const page = await bobs.open(url)
  const error = new URL(page.url).searchParams.get('error')
  assert.ok(error === 'consent_required' || error === 'invalid_request', page.url)
  return error === 'consent_required'
}

/** Nothing of a token counts where it does not belong: a 403 would say that its signature and person do. */
function isOpen(status: number): boolean {
  assert.ok(status === 200 || status === 401, `${status}`)
  return status === 200
}

const userinfo: Door = async (token) =>
  isOpen((await fetch(`${stack.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status)

/** Each door with the one token that opens it, and what is behind it. */
const doors: [name: string, key: () => string, open: Door][] = [
  ['the MCP server', () => forTool.access, async (token) => isOpen(await callTool(token))],
  ['/userinfo', () => forIssuer.access, userinfo],
  ['id_token_hint', () => forTool.id, openHint],
  [
    '/token as refresh_token',
    () => forTool.refresh,
    async (token) => (await refresh(stack.issuer, token)).status === 200,
  ],
]

test('a token of any kind, of the same person and client, opens the one door that it was made for', async () => {
  const code = (await codeForm(stack.issuer, 'bob', { resource: stack.mcpUrl, browser: bobs }))['code'] ?? ''
  for (const [door, key, open] of doors) {
    const others: [string, string][] = [
      ['an access token for the MCP server', forTool.access],
      ['an access token for the issuer', forIssuer.access],
      ['an ID token', forTool.id],
      ['a refresh token', forTool.refresh],
      ['a code', code],
      ['an access token of another tenant', foreignTool.access],
      ['an access token for the issuer of another tenant', foreignIssuer.access],
      ['an ID token of another tenant', foreignTool.id],
      ['a refresh token of another tenant', foreignTool.refresh],
    ]
    for (const [name, token] of others)
      if (token !== key()) assert.equal(await open(token), false, `${name} at ${door}`)
    assert.equal(await open(key()), true, `the right one at ${door}`)
  }
})

test('a code is taken where it was issued and as a code only', async () => {
  const form = await codeForm(stack.issuer, 'bob', { resource: stack.mcpUrl, browser: bobs })
  assert.equal((await post(`${second}/token`, form)).status, 400, 'at another tenant')
  for (const code of [forTool.refresh, forTool.access, forTool.id])
    assert.equal((await post(`${stack.issuer}/token`, { ...form, code })).status, 400)
  assert.equal((await post(`${stack.issuer}/token`, form)).status, 200)
})

test('who revokes the tokens of one tenant at another ends nothing', async () => {
  for (const token of [foreignTool.access, foreignTool.refresh])
    assert.equal((await post(`${stack.issuer}/revoke`, { client_id: 'vet-assist-dev', token })).status, 200)
  assert.equal((await refresh(second, foreignTool.refresh)).status, 200)
})
