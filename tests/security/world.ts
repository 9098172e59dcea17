// What the attacks share: somebody's tokens, a second tenant, and an MCP server behind the guard.
import { guard } from '@permitry/guard'
import { createTenant, runCommand } from '@permitry/server'
import {
  appSecret,
  applyClinic,
  authorize,
  type Browser,
  type Person,
  requestToken,
  type Stack,
  VET_ASSIST,
} from '@permitry/testkit'

/** The redirect URI of `vet-assist-dev`, a public client that may take any loopback port. */
export const CALLBACK = 'http://127.0.0.1:5555/callback'
/** The redirect URI of `vet-assist-ai`, a confidential client. */
export const APP_CALLBACK = 'http://localhost:9402/callback'
export const READ = 'pet-profile:read'

export interface Tokens {
  readonly access: string
  readonly id: string
  readonly refresh: string
}

interface Asked {
  readonly scope?: string
  readonly resource?: string
  readonly browser?: Browser
}

/** A code of the public client that is still to be redeemed, as the form that redeems it. */
export async function codeForm(issuer: string, person: Person, asked: Asked = {}): Promise<Record<string, string>> {
  const { scope = READ, resource, browser } = asked
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, scope, ...(resource ? { resource } : {}) }
  const { params, verifier } = await authorize(issuer, request, person, browser ? { browser } : {})
  return {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    code: params.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  }
}

/** What the public client gets when a person consents. */
export async function tokensOf(issuer: string, person: Person, asked: Asked = {}): Promise<Tokens> {
  const { body } = await requestToken(issuer, await codeForm(issuer, person, asked))
  return { access: String(body['access_token']), id: String(body['id_token']), refresh: String(body['refresh_token']) }
}

/** A refresh of the public client. */
export const refresh = (issuer: string, token: string) =>
  requestToken(issuer, { grant_type: 'refresh_token', client_id: 'vet-assist-dev', refresh_token: token })

/** The same clinic once more, at an issuer of its own: the same people, clients and names, and other keys. */
export async function addSecondClinic({ issuer, store, mcpUrl }: Stack, now = Date.now): Promise<string> {
  const tenant = 'second'
  const actor = { kind: 'cli', id: 'test' } as const
  await runCommand({ store, tenant, actor, now }, createTenant, { name: 'Second' })
  await applyClinic(store, { VETASSIST_MCP_PORT: new URL(mcpUrl).port }, tenant)
  return `${issuer}/t/${tenant}`
}

/** Puts a guarded MCP server at the stack's address; the tool answers only to who may call it. */
export function serveGuarded(stack: Stack): (token: string) => Promise<number> {
  const { issuer, mcpUrl } = stack
  stack.serveMcp(
    guard({ issuer, resource: mcpUrl, names: [VET_ASSIST], defaultScopes: [READ], tools: { list_pets: READ } })(() =>
      Promise.resolve(Response.json({ jsonrpc: '2.0', id: 1, result: { content: [] } })),
    ),
  )
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_pets', arguments: {} } }
  return async (token) => {
    const response = await fetch(mcpUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(message),
    })
    await response.text()
    return response.status
  }
}

/** Posts a form, and follows nothing. */
export async function post(
  url: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    redirect: 'manual',
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export const basic = (id = 'vet-assist-ai', secret = appSecret): Record<string, string> => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
})
