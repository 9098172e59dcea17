import { err, ok, type Result } from '@permitry/oauth'
import { toClient } from '../commands/apply/desired.ts'
import { clientEntry } from '../commands/apply/entries.ts'
import { newSecret } from '../keys/secrets.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { clientFaults, redirectUriFaults } from './client-rules.ts'
import { type ClientTemplateName, resolveClient } from './client-templates.ts'
import { type Entry, parseEntry } from './entry.ts'
import type { ClientConfig } from './schema.ts'

/** What an operator says of a client outside of a file: as in `permitry.yaml`, but its secret is made here. */
export interface NewClient extends Partial<Omit<ClientConfig, 'secret' | 'template'>> {
  readonly id: string
  readonly template: ClientTemplateName
}

/** A client that can be registered, and its secret, which nobody can read again. */
export interface MadeClient {
  readonly definition: ClientDefinition
  readonly secret: string | undefined
}

/** Holds a new client against the shape and the rules of `permitry.yaml`; the error is one sentence. */
export function makeClient(sent: NewClient | Entry): Result<MadeClient> {
  const parsed = parseEntry('clients', sent)
  if (!parsed.ok) return parsed
  const { auth } = resolveClient(parsed.value)
  const secret = auth?.startsWith('client_secret_') === true ? newSecret() : undefined
  const client: ClientConfig = { ...parsed.value, ...(secret !== undefined && { secret }) }
  const [fault] = clientFaults(resolveClient(client))
  if (fault) return err(fault.message)
  const [uri] = redirectUriFaults(resolveClient(client))
  if (uri) return err(`\`${client[uri.key][uri.index]}\`: ${uri.problem ?? 'it stands twice: keep one of the two'}`)
  return ok({ definition: toClient(client), secret })
}

/**
 * Changes what is said of a client that is there. It keeps its secret unless it gets another one, or never had one: only then
 * there is one to tell.
 */
export function remakeClient(
  before: ClientDefinition,
  said: Entry,
  { rotateSecret = false }: { readonly rotateSecret?: boolean } = {},
): Result<MadeClient> {
  const made = makeClient({ ...clientEntry(before), ...said })
  if (!made.ok || rotateSecret || before.secretHash === null || made.value.secret === undefined) return made
  return ok({ definition: { ...made.value.definition, secretHash: before.secretHash }, secret: undefined })
}
