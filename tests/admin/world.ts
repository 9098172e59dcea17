// A stack with a program that may ask for everything at the admin API, and tokens for it as people get them.
import assert from 'node:assert/strict'
import {
  ADMIN_SCOPES,
  type AdminClient,
  AdminError,
  createAdminClient,
  type Operation,
  operationOf,
  type Page,
} from '@permitry/admin-api'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { addClient, assignRole, DEFAULT_TENANT, type Operator, runCommand } from '@permitry/server'
import { authorize, Browser, type Person, people, type Stack, startStack, type StackOptions } from '@permitry/testkit'

const CLIENT_ID = 'admin-tool'
const REDIRECT_URI = 'http://localhost:9499/callback'

/** What a test does as somebody at the machine. */
export const atTheMachine = ({ store }: Stack, tenant = DEFAULT_TENANT): Operator => ({
  store,
  tenant,
  actor: { kind: 'system', id: 'test' },
  now: Date.now,
})

async function mustBe(done: Promise<{ readonly ok: boolean }>): Promise<void> {
  const result = await done
  if (!result.ok) throw new Error(JSON.stringify(result))
}

/** Makes `admin` an owner, and registers the program. */
export async function prepareAdministration(stack: Stack, tenant = DEFAULT_TENANT): Promise<void> {
  const operator = atTheMachine(stack, tenant)
  await give(stack, 'admin', 'permitry-owner', tenant)
  const client = {
    id: CLIENT_ID,
    name: 'Admin tool',
    applicationType: 'native',
    authMethod: 'none',
    secretHash: null,
    jwks: null,
    jwksUri: null,
    redirectUris: [REDIRECT_URI],
    postLogoutRedirectUris: [],
    grantTypes: ['authorization_code', 'refresh_token'],
    idTokenAlg: 'RS256',
    dpopBound: false,
    servers: { permitry: 'all' },
    guards: [],
    agent: null,
  } as const
  await mustBe(runCommand(operator, addClient, client))
}

export async function startAdministration(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack(options)
  for (const tenant of [DEFAULT_TENANT, ...(options.tenants ?? [])]) await prepareAdministration(stack, tenant)
  return stack
}

/** Gives a role to a person of the example. */
export function give(stack: Stack, person: Person, roleId: string, tenant = DEFAULT_TENANT): Promise<void> {
  return mustBe(runCommand(atTheMachine(stack, tenant), assignRole, { roleId, subjectId: people[person] }))
}

const EVERYTHING = ADMIN_SCOPES.join(' ')

/** An access token for the admin API, got by signing in and consenting. */
export async function adminToken(
  issuer: string,
  person: Person = 'admin',
  scope = EVERYTHING,
  { browser = new Browser(), proof }: { readonly browser?: Browser; readonly proof?: string } = {},
): Promise<string> {
  const request = { clientId: CLIENT_ID, redirectUri: REDIRECT_URI, resource: `${issuer}/admin`, scope }
  const { params, verifier } = await authorize(issuer, request, person, { browser })
  const form = {
    grant_type: 'authorization_code',
    code: params.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
    client_id: CLIENT_ID,
  }
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { ...(proof !== undefined && { dpop: proof }) },
    body: new URLSearchParams(form),
  })
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  if (typeof body['access_token'] !== 'string') throw new Error(`${params.toString()} ${JSON.stringify(body)}`)
  return body['access_token']
}

/** The API as a program with a token uses it. What is answered must be what the contract says, and nothing more. */
export function adminClient(issuer: string, token: string): AdminClient {
  const client = createAdminClient((url, init) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${token}`)
    return fetch(url, { ...init, headers })
  }, `${issuer}/admin/v1`)
  return {
    async call(id, ...rest) {
      const answered = await client.call(id, ...rest)
      const { response, paginated }: Operation = operationOf(id)
      const value: unknown = answered.value
      const items = paginated ? (value as Page<unknown>).items : [value]
      if (response) for (const item of items) assert.deepEqual(response.parse(item), item, id)
      return answered
    },
  }
}

/** One raw request, with its answer read. */
export async function send(
  issuer: string,
  token: string | undefined,
  method: string,
  path: string,
  { body, headers = {} }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number; headers: Headers; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${issuer}/admin/v1${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const read = text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
  return { status: response.status, headers: response.headers, body: read }
}

/** For `assert.rejects`: the call was refused with this kind of problem. */
export const refusedWith = (kind: string) => (error: unknown) =>
  error instanceof AdminError && error.problem.type === `urn:permitry:problem:${kind}`

/** Puts an MCP server that protects nothing where the stack expects one. */
export function serveTools(stack: Stack): void {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'rooms', version: '1.0.0' })
    server.registerTool('list_rooms', { annotations: { readOnlyHint: true } }, () => ({ content: [] }))
    server.registerTool('delete_room', { description: 'Gone for good' }, () => ({ content: [] }))
    return server
  })
  stack.serveMcp((request) => handler.fetch(request))
}
