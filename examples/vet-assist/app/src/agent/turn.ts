// What a run of the agent works with, and how it tells a model that failed from a clinic that did.
import { APICallError, RetryError } from 'ai'
import type { Clinic } from '../clinic/clinic.ts'
import type { Conversations } from '../conversation/conversations.ts'
import type { Session } from '../sessions/sessions.ts'
import type { KnownTools } from './known-tools.ts'
import type { AssistantModel } from './model.ts'

/** Everything that a run needs. */
export interface Turn {
  session: Session
  conversations: Conversations
  clinic: Clinic
  model: AssistantModel
  knownTools: KnownTools
  clock: () => number
  signal: AbortSignal
  onFault: (fault: unknown) => void
}

/** Why a run is aborted when the person wants it; any other reason is that the app stops, and `recover` says so later. */
export const BY_PERSON = 'stopped by the person'

/**
 * The model failed, and not the clinic. It keeps a sentence and not the cause: errors of a provider carry the whole conversation, and
 * some endpoints repeat the key that they refuse.
 */
export class ModelFailure extends Error {
  constructor(cause: unknown, { secrets }: Pick<AssistantModel, 'secrets'>) {
    super(`the model failed: ${secrets.reduce((text, secret) => text.replaceAll(secret, '‹hidden›'), sayCause(cause))}`)
    this.name = 'ModelFailure'
  }
}

function sayCause(cause: unknown): string {
  // Of several tries, the last one says why.
  if (RetryError.isInstance(cause)) return sayCause(cause.lastError)
  if (APICallError.isInstance(cause)) return `HTTP ${cause.statusCode ?? 'without an answer'}, ${cause.message}`
  return cause instanceof Error ? `${cause.name}, ${cause.message}` : JSON.stringify(cause)
}
