import { err, ok } from '@permitry/oauth'
import { isReserved } from '../access/admin-api.ts'
import { readCatalogue } from '../commands/decision-lookups.ts'
import { putServer, removeServer } from '../commands/server.ts'
import { linesFor } from '../connections/client-lines.ts'
import { importTools } from '../inspect/import-tools.ts'
import { type Inspection, inspectServer } from '../inspect/inspect.ts'
import { proposeScopes } from '../inspect/propose.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { ServerDefinition } from '../store/repositories/server-definitions.ts'
import { changeDefinition, find, putDefinition } from './change.ts'
import type { AdminRequest, HandlersOf } from './handler.ts'
import { refusalOf, type Target } from './refusal.ts'

const serverTarget = (id: string): Target => ({ kind: 'server', id })

export const servers: HandlersOf<'servers'> = {
  async 'servers.list'({ realm, query, page }) {
    const { items, next } = await realm.read((t) => t.serverDefinitions.page({ containing: query.q, ...page }))
    const listed = items.map(({ id, identifier, name, urls, scopes }) => ({ id, identifier, name, urls, scopes }))
    return ok({ items: listed.map((item) => ({ ...item, scopes: item.scopes.map(named) })), next })
  },

  'servers.get': (request) => find(request, serverTarget(request.params.id), readServer(request.params.id)),

  'servers.put': (request) => {
    const { id } = request.params
    const input = () => toDefinition(id, request.body)
    return putDefinition(request, { target: serverTarget(id), command: putServer, input, read: readServer(id) })
  },

  async 'servers.delete'(request) {
    const { id } = request.params
    const change = { target: serverTarget(id), command: removeServer, input: () => ({ id }), read: readServer(id) }
    const done = await changeDefinition(request, change)
    return done.ok ? ok(undefined) : done
  },

  async 'servers.inspect'({ realm, body }) {
    const seen = await inspectServer(body.url, inspectOptions(realm, body.access_token))
    const tools = seen.state === 'open' ? seen.tools : []
    // Without an id yet, what no tool names a thing for is called after the server.
    const { scopes, tools: mapped, defaultScopes } = proposeScopes('server', tools)
    return ok({
      state: seen.state,
      name: seen.state === 'open' ? (seen.name ?? null) : null,
      detail: detailOf(seen),
      authorization_servers: seen.state === 'protected' ? seen.authorizationServers : [],
      tools,
      proposal: {
        scopes: scopes.map((scope) => ({ ...scope, is_default: defaultScopes.includes(scope.name) })),
        tools: mapped.map(({ name, title = name, scopes: needed }) => ({ name, title, scopes: needed })),
      },
    })
  },

  async 'servers.import'(request) {
    const { realm, operator, params, body } = request
    const server = await find(request, serverTarget(params.id), readServer(params.id))
    if (!server.ok) return server
    const done = await importTools(operator, params.id, inspectOptions(realm, body.access_token))
    if (!done.ok) return err({ kind: 'unreachable', detail: done.error })
    return ok({ changed: done.value.outcome === 'changed', tools: done.value.tools })
  },

  async 'servers.catalogue'({ operator, params, query }) {
    const target = serverTarget(params.id)
    const catalogue = isReserved(params.id) ? undefined : await readCatalogue(operator, params.id, query.since)
    return catalogue ? ok(catalogue) : err(refusalOf({ reason: 'unknown', ...target }, target))
  },

  async 'servers.connect'(request) {
    const server = await find(request, serverTarget(request.params.id), readServer(request.params.id))
    if (!server.ok) return server
    const { id, urls, identifier } = server.value
    const url = [...urls, identifier].find((name) => /^https?:/i.test(name))
    if (url === undefined)
      return err({
        kind: 'conflict',
        detail: `\`${id}\` has no web address that clients could call: give it one under \`urls\``,
      })
    return ok({ url, clients: linesFor({ name: id, url }) })
  },
}

const named = ({ name, title, risk }: ServerDefinition['scopes'][number]) => ({ name, title, risk })

/** Whoever administers the machine that the server runs on may look at its own ports. */
function inspectOptions({ onLoopback, extraCaCertificates }: Realm, accessToken: string | undefined) {
  return { allowLoopback: onLoopback, extraCaCertificates, ...(accessToken !== undefined && { accessToken }) }
}

function detailOf(seen: Inspection): string | null {
  switch (seen.state) {
    case 'open':
      return null
    case 'protected':
      return 'it wants an access token'
    case 'unreachable':
      return seen.reason === 'address_refused' ? 'the address is not one that may be connected to' : seen.detail
    case 'not_mcp':
      return `it does not speak MCP${seen.status === undefined ? '' : ` (HTTP ${seen.status})`}`
  }
}

/** The admin API is kept like an MCP server, and is none that could be changed here. */
function readServer(id: string) {
  return async (t: InTenant) => {
    const server = isReserved(id) ? undefined : await t.serverDefinitions.find(id)
    return server && toWire(server)
  }
}

function toWire(server: ServerDefinition) {
  const { id, identifier, name, urls, claims, accessTokenSeconds, dynamicClientScopes, scopes, tools } = server
  return {
    id,
    identifier,
    name,
    urls,
    claims: claims.filter((claim) => claim === 'roles'),
    access_token_seconds: accessTokenSeconds,
    dynamic_client_scopes: dynamicClientScopes,
    scopes: scopes.map(({ isDefault, ...scope }) => ({ ...scope, is_default: isDefault })),
    tools,
  }
}

function toDefinition(id: string, body: AdminRequest<'servers.put'>['body']): ServerDefinition {
  const { identifier, name, urls, claims, access_token_seconds, dynamic_client_scopes, scopes, tools } = body
  return {
    id,
    identifier,
    name,
    urls,
    claims,
    accessTokenSeconds: access_token_seconds,
    dynamicClientScopes: dynamic_client_scopes,
    scopes: scopes.map(({ is_default, ...scope }) => ({ ...scope, isDefault: is_default })),
    tools,
  }
}
