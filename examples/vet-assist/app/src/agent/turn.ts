// What a run of the agent works with, and how it tells a model that failed from a clinic that did.
import type { Clinic } from '../clinic/clinic.ts'
import type { Conversations } from '../conversation/conversations.ts'
import type { Session } from '../sessions/sessions.ts'
import type { AssistantModel } from './model.ts'

/** Everything that a run needs. */
export interface Turn {
  session: Session
  conversations: Conversations
  clinic: Clinic
  model: AssistantModel
  clock: () => number
  signal: AbortSignal
  onFault: (fault: unknown) => void
}

/** Why a run is aborted when the person wants it; any other reason is that the app stops, and `recover` says so later. */
export const BY_PERSON = 'stopped by the person'

/** The model failed, and not the clinic. */
export class ModelFailure extends Error {
  constructor(cause: unknown) {
    super('the model failed', { cause })
    this.name = 'ModelFailure'
  }
}
