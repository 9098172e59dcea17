import { err, ok, type Result } from '@permitry/oauth'
import { toClient } from '../commands/apply/desired.ts'
import { newSecret } from '../keys/secrets.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { clientFaults, redirectUriFaults } from './client-rules.ts'
import { type ClientTemplateName, resolveClient } from './client-templates.ts'
import { type ClientConfig, SECTIONS } from './schema.ts'
import { explain } from './shape.ts'

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
export function makeClient(sent: NewClient): Result<MadeClient> {
  const parsed = SECTIONS.clients.safeParse(sent, { error: explain })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return err(`\`${issue?.path.join('.')}\`: ${issue?.message}`)
  }
  const { auth } = resolveClient(parsed.data)
  const secret = auth?.startsWith('client_secret_') === true ? newSecret() : undefined
  const client: ClientConfig = { ...parsed.data, ...(secret !== undefined && { secret }) }
  const [fault] = clientFaults(resolveClient(client))
  if (fault) return err(fault.message)
  const [uri] = redirectUriFaults(resolveClient(client))
  if (uri) return err(`\`${client[uri.key][uri.index]}\`: ${uri.problem ?? 'it stands twice: keep one of the two'}`)
  return ok({ definition: toClient(client), secret })
}
