// Owns the app's side of the clinic: a connection for each person, made by @permitry/client, in the terms of a conversation.
import type { AppClient, AuthorizationAsked, Connection, ToolResult } from '@permitry/client'
import type { Session } from '../sessions/sessions.ts'
import { definitionOf } from './definition.ts'

export interface ClinicTool {
  name: string
  title: string
  description: string
  /** JSON Schema of the arguments. */
  inputSchema: Record<string, unknown>
  /** Everything that does not say of itself that it only reads. */
  writes: boolean
  /** Stands for everything that the server says of the tool; another one is another tool. */
  definition: string
}

/** What became of a call. */
export type Called =
  /** `withheld`: what the app asked for at some time and did not get. */
  | { status: 'answered'; result: ToolResult; held: readonly string[]; withheld: readonly string[] }
  /** The token lacks `missing`; of these, the person or a role left out `leftOut` before. */
  | { status: 'more'; missing: readonly string[]; leftOut: readonly string[]; held: readonly string[] }
  /** There is no token any more, or the login is too weak for this call. */
  | { status: 'sign-in'; reason: 'ended' | 'stronger'; url: string; until: number }
  /** The server keeps asking for what the token has. */
  | { status: 'refused'; missing: readonly string[]; held: readonly string[] }

export interface Visit {
  tools: readonly ClinicTool[]
  /** What the clinic's server says about itself, for a model. */
  instructions: string | undefined
  call: (tool: string, args: Record<string, unknown>, signal: AbortSignal) => Promise<Called>
  /** Where the person widens the token by these scopes, or what the token holds when it has them already. */
  widen: (scopes: readonly string[]) => Promise<Place>
  close: () => Promise<void>
}

/** Where the person answers, or what they have answered already. */
export type Place = { url: string } | { held: readonly string[] }

export type Opened =
  | { status: 'open'; visit: Visit }
  | { status: 'sign-in'; reason: 'first'; url: string; until: number }

/** How a person came back from the permission page. */
export type Returned =
  /** `held`: what the token has now. */
  | { status: 'given'; held: readonly string[] }
  | { status: 'refused' }
  /** Somebody else was signed in there: nothing was taken. */
  | { status: 'other-person' }
  | { status: 'failed' }

export interface Clinic {
  open: (session: Session) => Promise<Opened>
  finish: (callback: URL, session: Session) => Promise<Returned>
  leave: (session: Session) => Promise<void>
}

/** Opens visits to the MCP server at `url`. */
export function createClinic(client: AppClient, url: string): Clinic {
  return {
    async open(session) {
      const outcome = await client.connect({
        user: userOf(session),
        server: url,
        browser: session.idHash,
        subject: session.subject,
        context: session.conversation,
      })
      if (outcome.status === 'authorize') return { status: 'sign-in', reason: 'first', ...placeFor(session, outcome) }
      if (outcome.status === 'refused')
        throw new Error(`the clinic's server refuses every connection: ${outcome.reason}`)
      return { status: 'open', visit: await beginVisit(session, outcome.result) }
    },
    async finish(callback, session) {
      const finished = await client.finish(callback, session.idHash)
      if (finished.status === 'authorized') return { status: 'given', held: ofTheClinic(finished.scopes) }
      if (finished.reason === 'access_denied') return { status: 'refused' }
      return { status: finished.reason === 'other_person' ? 'other-person' : 'failed' }
    },
    leave: (session) => client.disconnect(userOf(session), url),
  }
}

/** A person is issuer and subject together: the same subject of another issuer is somebody else. */
function userOf({ issuer, subject }: Session): string {
  return `${issuer} ${subject}`
}

/**
 * Where the person is sent, and until when. Only to the authorization server that signed them in: at another one, their `sub`
 * may be somebody else's (OpenID Connect Core §5.7), and nobody could say whose token comes back.
 */
function placeFor(session: Session, { url, issuer, expiresAt }: AuthorizationAsked): { url: string; until: number } {
  if (issuer === session.issuer) return { url, until: expiresAt }
  throw new Error(`the clinic's server trusts ${issuer}, and this person was signed in by ${session.issuer}`)
}

/** The same place, where it is asked first who is there (OpenID Connect Core §3.1.2.1). */
export function askingWho(url: string): string {
  const place = new URL(url)
  place.searchParams.set('prompt', 'select_account')
  return place.href
}

/** `openid` says who gave the permission, and opens nothing at the clinic. */
function ofTheClinic(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope !== 'openid')
}

async function beginVisit(session: Session, connection: Connection): Promise<Visit> {
  const { mcp } = connection
  const authorization = async (): Promise<{ held: string[]; withheld: readonly string[] }> => {
    const { scopes = [], withheld = [] } = (await connection.authorization()) ?? {}
    return { held: ofTheClinic(scopes), withheld }
  }
  const { tools } = await mcp.listTools()
  return {
    instructions: mcp.getInstructions(),
    tools: tools.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
      name,
      title: title ?? annotations?.title ?? name,
      description: description ?? '',
      inputSchema,
      writes: annotations?.readOnlyHint !== true,
      definition: definitionOf({ name, title, description, inputSchema, outputSchema, annotations }),
    })),
    async call(name, args, signal) {
      const outcome = await connection.callTool({ name, arguments: args }, { signal })
      const { held, withheld } = await authorization()
      switch (outcome.status) {
        case 'done':
          return { status: 'answered', result: outcome.result, held, withheld }
        case 'authorize': {
          const reason = outcome.reason === 'login' ? 'ended' : 'stronger'
          return { status: 'sign-in', reason, ...placeFor(session, outcome) }
        }
        case 'refused': {
          const { missing } = outcome
          // `declined` comes of `askByCard`: no call begins an authorization by itself.
          if (outcome.reason !== 'declined') return { status: 'refused', missing, held }
          return { status: 'more', missing, leftOut: missing.filter((scope) => withheld.includes(scope)), held }
        }
      }
    },
    async widen(scopes) {
      const { held } = await authorization()
      if (scopes.every((scope) => held.includes(scope))) return { held }
      const outcome = await connection.authorize(scopes)
      return outcome.status === 'authorize' ? placeFor(session, outcome) : { held }
    },
    close: () => connection.close(),
  }
}

/** For `onStepUp`: a call never sends the person away. A card tells them first, and their click begins it. */
export function askByCard({ calls }: { calls: readonly unknown[] }): boolean {
  return calls.length === 0
}
