import type { Agent } from './agent/agent.ts'
import type { AssistantModel } from './agent/model.ts'
import type { Clinic } from './clinic/clinic.ts'
import type { Conversations } from './conversation/conversations.ts'
import type { Cookies } from './http/cookies.ts'
import type { Journal } from './journal/journal.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { SignIn } from './sign-in/sign-in.ts'
import type { Keys } from './store/keys.ts'

/** What the routes work with. */
export interface Parts {
  origin: URL
  agent: Agent
  assistant: AssistantModel
  clinic: Clinic
  conversations: Conversations
  cookies: Cookies
  journal: Journal
  keys: Keys
  sessions: Sessions
  signIn: SignIn
  /** Ends a conversation: it is stopped, its pages are told, and nothing of it is kept. */
  forget: (conversation: string) => void
  onFault: (fault: unknown) => void
  /** Aborted when the app closes. */
  closing: AbortSignal
}
