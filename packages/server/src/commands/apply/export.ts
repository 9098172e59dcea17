import { omitDefaults, type Entry } from '../../config/entry.ts'
import { Config } from '../../config/schema.ts'
import { inTenant } from '../../store/in-tenant.ts'
import type { Operator } from '../run.ts'
import { currentDefinitions, type Definitions } from './desired.ts'
import { clientEntry, groupEntry, roleEntry, serverEntry, userEntry } from './entries.ts'

/** What is exported beside the state of the tenant. */
export interface ExportOptions {
  /** The address of the authorization server as the file shall say it; no tenant stores it and every file needs it. */
  readonly issuer: string
  /** Whether people are exported; without it only those who answer for an agent. */
  readonly users: boolean
}

/** The declared state of a tenant, and by which variables its file asks for the secrets that nobody can read again. */
export interface ExportedState {
  readonly config: Entry
  /** The names of environment variables by the id of the client. */
  readonly secrets: ReadonlyMap<string, string>
}

/** Reads what `permitry.yaml` could have declared, so that `apply` of it finds no difference. Passwords stay where they are. */
export async function exportState({ store, tenant }: Operator, options: ExportOptions): Promise<ExportedState> {
  const state = await store.read((db) => currentDefinitions(inTenant(db, tenant)))
  const secrets = nameSecrets(state)
  const owners = new Set(state.client.map(({ agent }) => agent?.owner))
  const { name, ...lists } = escape(
    omitDefaults(Config, {
      // Without a name the one of before stays, and before there is one it is empty.
      name: state.tenant[0]?.name || undefined,
      servers: state.server.map(serverEntry),
      roles: state.role.map(roleEntry),
      groups: state.group.map(groupEntry),
      // A file cannot declare somebody who has no user name.
      users: state.user
        .filter(({ id, username }) => username !== null && (options.users || owners.has(id)))
        .map(userEntry),
      clients: state.client.map(clientEntry),
    }),
  ) as { readonly name?: string; readonly clients?: readonly Entry[] }
  const withSecret = (client: Entry) => {
    const variable = secrets.get(String(client['id']))
    return variable === undefined ? client : { ...client, secret: `\${${variable}}` }
  }
  const { issuer } = options
  const clients = lists.clients && { clients: lists.clients.map(withSecret) }
  return { config: { version: 1, ...(name !== undefined && { name }), issuer, ...lists, ...clients }, secrets }
}

/** A variable for each client with a secret, different where ids differ in signs only. */
function nameSecrets({ client: clients }: Definitions): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id, secretHash } of clients) {
    if (secretHash === null) continue
    const stem = `${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_SECRET`
    const base = /^\d/.test(stem) ? `_${stem}` : stem
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}_${count}`
    taken.add(name)
    names.set(id, name)
  }
  return names
}

/** Text that looks like an expansion is text when it is read again. Keys are never expanded. */
function escape(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${')
  if (Array.isArray(value)) return value.map(escape)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escape(item)]))
}
