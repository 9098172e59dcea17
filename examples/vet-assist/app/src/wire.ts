// Owns what the browser is told and what it may send. Everything here may be read by the person; no token ever is in it.

/** In characters, as the browser counts them. */
export const LONGEST_MESSAGE = 4_000

/** A scope in words, because `pet-profile:read` says nothing to a pet owner. */
export interface ScopeInWords {
  name: string
  /** Continues "Vet Assist AI may …". */
  words: string
  writes: boolean
}

/** An argument of a call, as a card shows it. */
export interface Field {
  label: string
  value: string
  /** The argument itself, where `value` says it in other words. */
  raw?: string
}

interface Entry {
  id: string
  at: number
}

export interface PersonItem extends Entry {
  kind: 'person'
  text: string
}

export interface AssistantItem extends Entry {
  kind: 'assistant'
  text: string
  /** Which answer of the model it belongs to; text and calls of one answer share it. */
  step: number
  done: boolean
  /** The model failed in the middle; the model is not told of it. */
  broken?: boolean
}

/**
 * `asks`: waits for the person's yes. `ready`: to be called. `needs-access`: the token lacks a scope, a card asks for it.
 * `allowed`: the server answered. `refused`: the server said that this token may not. `failed`: allowed, and did not work.
 * `declined`: the person said no. `interrupted`: the app stopped while the call was under way.
 */
export type ToolState =
  | 'asks'
  | 'ready'
  | 'running'
  | 'needs-access'
  | 'allowed'
  | 'refused'
  | 'failed'
  | 'declined'
  | 'interrupted'

export interface ToolItem extends Entry {
  kind: 'tool'
  step: number
  callId: string
  tool: string
  title: string
  writes: boolean
  arguments: Record<string, unknown>
  fields: Field[]
  state: ToolState
  /** What the person should know before a yes: the tool is not the one that they know. */
  caution?: string
  /** Proves that the card was shown to this session; only while it asks. */
  proof?: string
  /** What the token held when the call was made. */
  held?: ScopeInWords[]
  /** The decision of the clinic's guard, to be quoted to the clinic. */
  decision?: string
  /** Why it was not done, in words for the person. */
  why?: string
  /** What came back, as text. */
  result?: string
}

export interface AccessItem extends Entry {
  kind: 'access'
  /** `first`: no token yet. `more`: a call needs more scopes. `ended`: there was a token. `stronger`: a fresh login. */
  reason: 'first' | 'more' | 'ended' | 'stronger'
  /** What is asked for in addition to what the token has. */
  asked: ScopeInWords[]
  /** Further scopes that the person may have asked for at the same time. */
  offered: ScopeInWords[]
  /** What the person left out before. */
  leftOut: ScopeInWords[]
  state: 'offered' | 'granted' | 'refused' | 'set-aside'
  /** The call that waits for it. */
  tool?: string
  /** What the token holds since then, and what of it is new. */
  held?: ScopeInWords[]
  given?: ScopeInWords[]
  why?: string
}

export interface NoticeItem extends Entry {
  kind: 'notice'
  text: string
  /** Whether it makes sense to try again what was under way. */
  retry: boolean
  /** Whether the app gave its token back. */
  endsAccess?: boolean
}

export type Item = PersonItem | AssistantItem | ToolItem | AccessItem | NoticeItem

export interface AssistantInfo {
  kind: 'built-in' | 'model'
  label: string
}

/** What the page shows before anything happens. */
export interface State {
  assistant: AssistantInfo
  emergencyPhone: string
  /** Without a name when the person did not want to be named. */
  person: { name: string | null } | null
  items: Item[]
  /** Whether an answer is being made. */
  busy: boolean
  /** How many messages the drawer has. */
  messages: number
}

export type ServerEvent =
  | { type: 'state'; state: State }
  | { type: 'item'; item: Item }
  | { type: 'text'; id: string; text: string }
  | { type: 'busy'; busy: boolean }
  | { type: 'messages'; count: number }
  /** The conversation is gone: signed out, or begun anew. */
  | { type: 'over' }

/** One message of OAuth or MCP in the drawer. */
export interface JournalEntry {
  at: number
  kind: 'oauth' | 'mcp'
  direction: 'out' | 'in'
  summary: string
  /** What happens here, in one sentence. */
  explanation: string
  section: { label: string; url: string }
  request: string
  headers: Record<string, string>
  body: string | null
}

/** What went wrong outside of the conversation, in words that the page has. */
export const PROBLEMS = [
  'sign-in-refused',
  'sign-in-failed',
  'sign-in-expired',
  'sign-in-away',
  'access-failed',
  'other-person',
  'not-sent',
  'signed-out',
] as const
export type Problem = (typeof PROBLEMS)[number]
