import type { ClientView, FormView, IdentityScopeView, PageView, PersonView, ScopeView, ServerView } from '../views.ts'

/** The pages of the account, each with a name by which links, forms and logins mean it. */
export type Place = 'overview' | 'agents' | 'activity' | 'sessions' | 'profile' | 'password' | 'data' | 'delete'

/** What a person is told of what was just done. */
export type Told =
  | 'name changed'
  | 'password changed'
  | 'session ended'
  | 'other sessions ended'
  | 'narrowed'
  | 'withdrawn'
  | 'nothing changed'

/** What all pages of the account have in common. */
export interface AccountView extends PageView {
  person: PersonView
  urls: Readonly<Record<Place, string>>
  signOutUrl: string
  told?: Told
}

/** One tool call in the person's name, or what was asked of a prompt or resource. */
export interface CallView {
  at: number
  /** What the MCP server calls it, and its name there. */
  title: string
  name: string
  kind: 'tool' | 'prompt' | 'resource'
  object?: string
  clientName: string
  serverName: string
  allowed: boolean
  /** The outcome and the reasons, as the guard gave them. */
  outcome: string
  reasons: readonly string[]
  /** What an administrator can look up. */
  decisionId: string
}

/** A grant: what one application may do at one MCP server. */
export interface AgentView {
  client: ClientView
  server?: ServerView
  allowedAt: number
  /** Titles of what it may do and what it learns. */
  may: readonly string[]
  last?: CallView
  /** Where it is narrowed. */
  url: string
  withdraw: FormView
}

export interface AgentsView extends AccountView {
  agents: readonly AgentView[]
}

/** One grant in full, to be narrowed. */
export interface AgentPageView extends AccountView {
  agent: AgentView
  narrow: FormView
  scopes: ScopeView[]
  identityScopes: IdentityScopeView[]
  /** The grant became another one while the page was open. */
  error?: 'changed_meanwhile'
}

export interface SessionView {
  isThis: boolean
  signedInAt: number
  /** When it ends if nothing happens in it. */
  endsAt: number
  /** Applications that were connected from it and still are. */
  clientNames: readonly string[]
  end: FormView
}

export interface SessionsView extends AccountView {
  sessions: readonly SessionView[]
  endOthers: FormView
}

export interface ActivityView extends AccountView {
  calls: readonly CallView[]
  olderUrl?: string
  newestUrl?: string
}

export interface OverviewView extends AccountView {
  agents: readonly AgentView[]
  calls: readonly CallView[]
  sessionCount: number
}

export interface ProfileView extends AccountView {
  email: string | undefined
  roles: readonly string[]
  /** Absent where a configuration file says the name, so that a change would not last. */
  form?: FormView
  error?: 'name_empty' | 'name_too_long'
}

export interface PasswordView extends AccountView {
  form: FormView
  error?: 'invalid_credentials' | 'short' | 'long' | 'differ' | { throttledSeconds: number }
}

export interface DataView extends AccountView {
  form: FormView
}

export interface DeleteView extends AccountView {
  form: FormView
  /** Agents that stop with the person. */
  ownAgents: number
  error?: 'name_wrong' | 'invalid_credentials' | 'refused' | { throttledSeconds: number }
}
