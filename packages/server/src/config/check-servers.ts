import { canonicalResource, isLoopbackHost, parseResource } from '@permitry/oauth'
import { ADMIN_IDENTIFIER, adminAudience } from '../access/admin-api.ts'
import { guardAudience } from '../access/guard-api.ts'
import { checkScopesDefined } from './references.ts'
import type { ConfigView, Finding } from './view.ts'

/** Scopes that OpenID Connect Core §5.4 and §11 gave a meaning: a server must not give them another one. */
const RESERVED_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/** RFC 8707 §2: a resource must lead to one server, however it is spelled, or a token could be meant for two. */
export function* checkServerNames({ servers, issuer, quote }: ConfigView): Iterable<Finding> {
  const owners = new Map<string, string>()
  owners.set(canonicalResource(ADMIN_IDENTIFIER), 'the admin API')
  if (issuer !== undefined && parseResource(issuer).ok) {
    owners.set(canonicalResource(issuer), 'the authorization server')
    owners.set(canonicalResource(adminAudience(issuer)), 'the admin API')
    owners.set(canonicalResource(guardAudience(issuer)), 'the guard API')
  }
  for (const { path, value } of servers) {
    const names = [
      { at: [...path, 'identifier'], name: value.identifier },
      ...value.urls.map((name, index) => ({ at: [...path, 'urls', index], name })),
    ]
    for (const { at, name } of names) {
      const problem = checkServerName(name, at.includes('urls'))
      if (problem !== undefined) {
        yield { path: at, message: problem }
        continue
      }
      const key = canonicalResource(name)
      const owner = owners.get(key)
      if (owner !== undefined)
        yield {
          path: at,
          message: `${quote(at)} already names ${owner}: a resource must lead to one server, so leave it out here`,
        }
      owners.set(key, `server \`${value.id}\``)
    }
  }
}

function checkServerName(name: string, isUrl: boolean): string | undefined {
  const resource = parseResource(name)
  if (!resource.ok) return resource.error
  if (!/^https?:/i.test(name))
    return isUrl ? 'a URL begins with https://: write other names as `identifier`' : undefined
  if (/^http:/i.test(name) && !isLoopbackHost(new URL(name).hostname))
    return 'tokens would cross the network readable: use https, or http on localhost, 127.0.0.1 or [::1]'
  return undefined
}

export function* checkReservedScopes({ servers, quote }: ConfigView): Iterable<Finding> {
  for (const { path, value } of servers)
    for (const [index, { name }] of value.scopes.entries()) {
      const at = [...path, 'scopes', index, 'name']
      if (RESERVED_SCOPES.has(name))
        yield { path: at, message: `the scope ${quote(at)} belongs to OpenID Connect: choose another name` }
    }
}

/** Scopes and tools have one definition each, and everything that names a scope of the server names one that exists. */
export function* checkServerScopes(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.servers) {
    yield* unique(view, 'scope', value.scopes, [...path, 'scopes'])
    yield* unique(view, 'tool', value.tools, [...path, 'tools'])
    yield* checkScopesDefined(view, value.id, value.default_scopes, [...path, 'default_scopes'])
    if (value.dynamic_client_scopes !== 'all')
      yield* checkScopesDefined(view, value.id, value.dynamic_client_scopes, [...path, 'dynamic_client_scopes'])
    for (const [index, tool] of value.tools.entries())
      yield* checkScopesDefined(view, value.id, tool.scopes, [...path, 'tools', index, 'scopes'])
    for (const [index, scope] of value.scopes.entries())
      yield* checkScopesDefined(view, value.id, scope.implies, [...path, 'scopes', index, 'implies'])
  }
}

function* unique(
  { quote }: ConfigView,
  kind: string,
  items: readonly { name: string }[],
  path: readonly PropertyKey[],
): Iterable<Finding> {
  const seen = new Set<string>()
  for (const [index, { name }] of items.entries()) {
    const at = [...path, index, 'name']
    if (seen.has(name)) yield { path: at, message: `the ${kind} ${quote(at)} is defined twice: keep one of the two` }
    seen.add(name)
  }
}

/** Scopes that imply each other are one scope with two names, and nobody could say which one a person consents to. */
export function* checkImpliedScopes({ servers, quote }: ConfigView): Iterable<Finding> {
  for (const { path, value } of servers) {
    const implies = new Map(value.scopes.map((scope) => [scope.name, scope.implies]))
    for (const [index, { name }] of value.scopes.entries()) {
      const at = [...path, 'scopes', index, 'name']
      const reached = new Set(implies.get(name))
      // A Set yields members that are added while it is walked.
      for (const next of reached) for (const further of implies.get(next) ?? []) reached.add(further)
      if (reached.has(name))
        yield { path: at, message: `the scope ${quote(at)} implies itself: break the circle in \`implies\`` }
    }
  }
}
