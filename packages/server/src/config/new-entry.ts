import { err, ok, type Result } from '@permitry/oauth'
import { toServer, toUser } from '../commands/apply/desired.ts'
import type { Group } from '../store/repositories/groups.ts'
import type { Role } from '../store/repositories/roles.ts'
import type { ServerDefinition } from '../store/repositories/server-definitions.ts'
import type { SubjectDefinition } from '../store/repositories/subject-definitions.ts'
import { checkReferences } from './checks.ts'
import { parseDocument } from './document.ts'
import { parseEntry } from './entry.ts'

// What an operator says outside of a file, held against what a file may say; each error is one sentence.

/** An MCP server; what its scopes and tools say about each other is checked as in a file. */
export function makeServer(sent: unknown, issuer: string): Result<ServerDefinition> {
  const parsed = parseEntry('servers', sent)
  if (!parsed.ok) return parsed
  const file = { version: 1, issuer, servers: [parsed.value] }
  const [fault] = checkReferences(file, parseDocument(JSON.stringify(file)))
  return fault ? err(fault.message) : ok(toServer(parsed.value))
}

/** A role. Whether its scopes exist is the command's to say. */
export function makeRole(sent: unknown): Result<Role> {
  return parseEntry('roles', sent)
}

/** A group. */
export function makeGroup(sent: unknown): Result<Group> {
  return parseEntry('groups', sent)
}

/** A person; a password is set by a command of its own. */
export function makeUser(sent: unknown): Result<SubjectDefinition> {
  const parsed = parseEntry('users', sent)
  if (!parsed.ok) return parsed
  const { hasPassword: _, ...definition } = toUser(parsed.value)
  return ok(definition)
}
