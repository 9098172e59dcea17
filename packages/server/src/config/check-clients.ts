import { resolveClient } from './client-templates.ts'
import { clientFaults, redirectUriFaults } from './client-rules.ts'
import { checkDefined, checkScopesByServer, checkServersDefined } from './references.ts'
import type { ConfigView, Finding } from './view.ts'

export function* checkRedirectUris({ clients, quote }: ConfigView): Iterable<Finding> {
  for (const { path, value } of clients)
    for (const { key, index, problem } of redirectUriFaults(resolveClient(value))) {
      const at = [...path, key, index]
      yield { path: at, message: problem ?? `${quote(at)} stands twice: keep one of the two` }
    }
}

export function* checkClientCombinations({ clients }: ConfigView): Iterable<Finding> {
  for (const { path, value } of clients)
    for (const { key, message, at } of clientFaults(resolveClient(value)))
      // What is missing stands nowhere, so the client itself is pointed at.
      yield { path: key === 'id' ? path : [...path, key], message, ...(at && { at }) }
}

export function* checkClientServers(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.clients) {
    yield* checkScopesByServer(view, value.servers, [...path, 'servers'])
    yield* checkServersDefined(view, value.guards, [...path, 'guards'])
  }
}

/** Who a client is that acts for itself: its id is never that of a person (RFC 9700 §4.15). */
export function* checkAgents(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.clients) {
    const { id, owner, roles = [] } = value
    if (resolveClient(value).grant_types.includes('client_credentials') && view.ids.users.has(id))
      yield {
        path: [...path, 'id'],
        message: `${view.quote([...path, 'id'])} is a person under \`users\`: a client that acts for itself needs an id of its own`,
      }
    yield* checkDefined(view, 'role', roles, [...path, 'roles'])
    if (owner !== undefined) yield* checkDefined(view, 'user', [owner], [...path, 'owner'])
  }
}
