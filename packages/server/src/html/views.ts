/**
 * What each page needs to know, as plain data. The pages decide how it is said; whoever fills a view decides what is true.
 *
 * Every string may come from a stranger (client metadata, a user name, an MCP server's tool titles): the pages escape,
 * strip and cap it, so views carry the raw value. Hosts are the ASCII form that `URL.host` gives.
 */

/** Shown in the header and the title of every page. Absent where the tenant itself could not be resolved. */
export interface PageView {
  tenantName?: string
}

/** A form that is posted back, with the values that bind it to the request (the row's id, its HMAC, the CSRF token). */
export interface FormView extends PageView {
  action: string
  hidden: Record<string, string>
}

export interface LoginView extends FormView {
  /** The application that asks for the login; none when the person goes to the own account. */
  clientName?: string
  /** Somebody is signed in, but too long ago for what comes next. */
  again?: boolean
  clientHost?: string
  serverName?: string
  username?: string
  error?: 'invalid_credentials' | { throttledSeconds: number }
}

export interface PersonView {
  name: string
  username: string
}

/**
 * How the client came to be known, from most to least trusted: an administrator registered it, its `client_id` is a URL
 * that its owner controls (CIMD), or it registered itself (DCR).
 */
export type ClientRegistration = 'registered' | 'cimd' | 'dcr'

export interface ClientView {
  name: string
  /** Host of a `client_id` that is a URL (CIMD §6.4); name and logo are only what the client says of itself. */
  idHost?: string
  /** An administrator vouches for this client. */
  verified: boolean
  registration: ClientRegistration
  firstSeenAt?: number
  /** Where a picture is that the client chose, on this server. Shown beside the words that nobody checked it, and not otherwise. */
  logo?: string
  /** A name that an operator registered, and for which this one's would be taken. */
  looksLike?: string
  /** That was on this day, by the calendar of UTC. */
  firstSeenToday?: boolean
}

export interface RedirectView {
  /** `host:port`, or `scheme:` of a custom scheme. */
  host: string
  /** It is on the loopback interface, where any program may listen. */
  loopback: boolean
  customScheme: boolean
}

export interface ServerView {
  name: string
  identifier: string
  url: string
}

export interface ToolView {
  name: string
  title: string
}

/** What a scope lets a client do at worst. */
export type ScopeRisk = 'read' | 'write' | 'destructive'

export interface ScopeView {
  name: string
  title: string
  description: string
  risk: ScopeRisk
  tools: ToolView[]
  alreadyGranted: boolean
  /** What is new about it since the person allowed it. */
  news?: ScopeNewsView
  /** Cannot be unticked, because the request makes no sense without it. */
  required?: boolean
}

/** What a scope has become since it was allowed; every title may come from the MCP server. */
export interface ScopeNewsView {
  opens: readonly string[]
  riskier: readonly { readonly title: string; readonly now: 'changes' | 'deletes' }[]
  renamed: readonly { readonly before: string; readonly after: string }[]
  redescribed: readonly string[]
  isReworded: boolean
}

/** `openid`, `profile`, `email`: about the person, not about the MCP server. */
export interface IdentityScopeView {
  name: string
  title: string
  description: string
  alreadyGranted: boolean
  required?: boolean
}

/** A scope that the client asked for and this person does not get. */
export interface WithheldScopeView {
  name: string
  title: string
  reason: 'role'
  /** The role that would hold it, where the tenant is willing to say so. */
  roleHint?: string
}

export interface ConsentView extends FormView {
  person: PersonView
  notYouUrl: string
  client: ClientView
  redirect: RedirectView
  server?: ServerView
  scopes: ScopeView[]
  identityScopes: IdentityScopeView[]
  withheld: WithheldScopeView[]
  /** One sentence: "Your own pets, Fido and Bella. Never the pets of other owners." */
  whoseData?: string
  /** How long refresh tokens live; both 0 where the client gets none and access ends with its one access token. */
  lasting: { idleDays: number; absoluteDays: number }
  accountUrl?: string
  /** The form came back with Allow and nothing ticked. */
  error?: 'nothing_selected'
  requestId: string
}

export interface AnsweredView extends PageView {
  clientName: string
  /** Leads on to the client, for whom the answer of before did not reach it. */
  goOnUrl?: string
}

export interface ContinueView extends PageView {
  /** The complete redirect URI with its response parameters. Must have passed the redirect URI check. */
  url: string
  clientName: string
  redirectHost: string
}

export interface ErrorView extends PageView {
  title: string
  what: string
  next: string
  requestId: string
  homeUrl?: string
  /** One of our own addresses, where the person can go on. */
  goOn?: { url: string; label: string }
  /** Where the refusal is delivered to the client, for failures that may be told to it. */
  backTo?: { url: string; clientName: string }
}

export interface SignedOutView extends PageView {
  /** A `post_logout_redirect_uri` that was proved. */
  backTo?: { url: string; clientName: string }
  /** Where the person takes back what applications may do. */
  accountUrl?: string
}

export interface SignOutConfirmView extends FormView {
  person: PersonView
  clientName?: string
}

export interface SetupView extends FormView {
  name?: string
  username?: string
  error?: 'names' | 'taken' | 'password' | 'differ' | 'busy'
}

export interface SetupDoneView extends PageView {
  username: string
  nextUrl: string
}
