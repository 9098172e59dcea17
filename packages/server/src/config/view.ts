import type { z } from 'zod'
import type { ConfigDocument, Path } from './document.ts'
import { SECTIONS } from './schema.ts'

type Section = keyof typeof SECTIONS

/** An entry of a list whose own shape is right, with the path at which it stands. */
export interface Entry<T> {
  readonly path: Path
  readonly value: T
}

/** One thing that the parts of a file say wrongly about each other. `at: 'key'` points at the key instead of the value. */
export interface Finding {
  readonly path: Path
  readonly message: string
  readonly at?: 'key'
}

/** A rule over the whole file. */
export type Check = (view: ConfigView) => Iterable<Finding>

/**
 * What the checks see of a file that may be wrong elsewhere. Entries with a wrong shape are left out, but what they are
 * called still counts as defined: one mistake is told once and not at every place that points to it.
 */
export interface ConfigView {
  readonly issuer: string | undefined
  readonly trustedProxies: readonly unknown[]
  readonly extraCaCertificates: readonly unknown[]
  readonly servers: readonly Entry<z.output<typeof SECTIONS.servers>>[]
  readonly roles: readonly Entry<z.output<typeof SECTIONS.roles>>[]
  readonly groups: readonly Entry<z.output<typeof SECTIONS.groups>>[]
  readonly users: readonly Entry<z.output<typeof SECTIONS.users>>[]
  readonly clients: readonly Entry<z.output<typeof SECTIONS.clients>>[]
  readonly ids: Readonly<Record<Section, ReadonlySet<string>>>
  /** The names of all scopes, by the id of their MCP server. */
  readonly scopes: ReadonlyMap<string, ReadonlySet<string>>
  /** The value at a path in backticks, as it was written before `${…}` was expanded: messages never tell a secret. */
  readonly quote: (path: Path) => string
}

/** Looks at a parsed file without trusting any part of it. */
export function createView(value: unknown, document: ConfigDocument): ConfigView {
  const root = record(value)
  const ids = (section: Section) => new Set(namesIn(root[section], 'id'))
  const scopes = new Map<string, Set<string>>()
  for (const server of list(root['servers'])) {
    const { id, scopes: declared } = record(server)
    if (typeof id === 'string') scopes.set(id, new Set([...(scopes.get(id) ?? []), ...namesIn(declared, 'name')]))
  }
  return {
    issuer: typeof root['issuer'] === 'string' ? root['issuer'] : undefined,
    trustedProxies: list(root['trusted_proxies']),
    extraCaCertificates: list(root['extra_ca_certificates']),
    servers: entries(root, 'servers'),
    roles: entries(root, 'roles'),
    groups: entries(root, 'groups'),
    users: entries(root, 'users'),
    clients: entries(root, 'clients'),
    ids: {
      servers: ids('servers'),
      roles: ids('roles'),
      groups: ids('groups'),
      users: ids('users'),
      clients: ids('clients'),
    },
    scopes,
    quote: (path) => `\`${document.written(path) ?? String(path.at(-1))}\``,
  }
}

function entries<S extends Section>(
  root: Record<string, unknown>,
  section: S,
): Entry<z.output<(typeof SECTIONS)[S]>>[] {
  const schema: (typeof SECTIONS)[S] = SECTIONS[section]
  return list(root[section]).flatMap((item, index) => {
    const parsed = schema.safeParse(item)
    return parsed.success ? [{ path: [section, index], value: parsed.data as z.output<(typeof SECTIONS)[S]> }] : []
  })
}

function namesIn(value: unknown, key: string): string[] {
  return list(value).flatMap((item) => {
    const name = record(item)[key]
    return typeof name === 'string' ? [name] : []
  })
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
