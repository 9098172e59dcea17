import { ADMIN_SCOPES, ADMIN_SERVER } from '../access/admin-api.ts'
import { ADMIN_ROLES } from '../access/built-in.ts'
import type { Path } from './document.ts'
import type { ConfigView, Finding } from './view.ts'

type Kind = 'role' | 'group' | 'user'

/** What is built in may be held and handed out, though no file defines it. */
const BUILT_IN_ROLES: ReadonlySet<string> = new Set(ADMIN_ROLES.map(({ id }) => id))

/** Faults for each role, group or user of a list that the file does not define. */
export function* checkDefined(view: ConfigView, kind: Kind, names: readonly string[], path: Path): Iterable<Finding> {
  const section = `${kind}s` as const
  for (const [index, name] of names.entries()) {
    const at = kind === 'user' ? path : [...path, index]
    if (!view.ids[section].has(name) && !(kind === 'role' && BUILT_IN_ROLES.has(name)))
      yield {
        path: at,
        message: `${kind} ${view.quote(at)} is not defined: define it under \`${section}\`${orOneOf(view.ids[section])}`,
      }
  }
}

/** Faults for each scope of a list that its MCP server does not define. */
export function* checkScopesDefined(
  view: ConfigView,
  serverId: string,
  names: readonly string[],
  path: Path,
): Iterable<Finding> {
  const defined: ReadonlySet<string> =
    serverId === ADMIN_SERVER ? new Set(ADMIN_SCOPES) : (view.scopes.get(serverId) ?? new Set())
  for (const [index, name] of names.entries()) {
    const at = [...path, index]
    if (!defined.has(name))
      yield {
        path: at,
        message: `server \`${serverId}\` has no scope ${view.quote(at)}: define it there${orOneOf(defined)}`,
      }
  }
}

/** Faults for each MCP server of a list that the file does not define. */
export function* checkServersDefined(view: ConfigView, ids: readonly string[], path: Path): Iterable<Finding> {
  for (const [index, id] of ids.entries())
    if (!view.ids.servers.has(id)) yield { path: [...path, index], message: serverUndefined(view, id) }
}

/** Faults for a mapping from MCP servers to scopes: each server and each scope must be defined. */
export function* checkScopesByServer(
  view: ConfigView,
  scopes: Readonly<Record<string, 'all' | readonly string[]>>,
  path: Path,
): Iterable<Finding> {
  for (const [serverId, names] of Object.entries(scopes)) {
    const at = [...path, serverId]
    if (!view.ids.servers.has(serverId) && serverId !== ADMIN_SERVER)
      yield {
        path: at,
        at: 'key',
        message: serverUndefined(view, serverId),
      }
    else if (names !== 'all') yield* checkScopesDefined(view, serverId, names, at)
  }
}

function serverUndefined({ ids }: ConfigView, id: string): string {
  return `server \`${id}\` is not defined: define it under \`servers\`${orOneOf(ids.servers)}`
}

function orOneOf(names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  const shown = [...names].slice(0, 8).join(', ')
  return `, or use one of ${shown}${names.size > 8 ? ', …' : ''}`
}
