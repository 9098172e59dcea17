import { missingScopes, unionScopes } from '@permitry/oauth'
import type { Access, App } from './access.ts'
import { mergeNeeds, type Need } from './need.ts'
import { beginAuthorization } from './oauth/authorization.ts'
import type { Discovery } from './oauth/discovery.ts'
import { clientAt } from './oauth/registration.ts'
import type { TokenRecord } from './oauth/tokens.ts'
import type { ToolCall } from './options.ts'
import type { AuthorizationAsked, Refused } from './outcome.ts'
import type { Settings } from './settings.ts'

/** Who is to come back from the authorization server, and through which browser. */
export interface Person {
  readonly browser: string
  readonly subject?: string
}

/** A request that waits for an authorization. */
export interface Waiting {
  readonly need: Need
  /** What to repeat after it. */
  readonly calls: readonly ToolCall[]
  /** How many authorizations this chain of requests already took. */
  readonly round: number
}

/** A server that asks for more after every consent is not given a fourth. */
const MAX_ROUNDS = 3

/** Turns requests that wait into one authorization for all of them, or says why there will be none (MCP, Step-Up). */
export async function ask(
  waiting: readonly [Waiting, ...Waiting[]],
  person: Person,
  access: Access,
  app: App,
): Promise<AuthorizationAsked | Refused> {
  const situation = await look(waiting, access)
  return (await refusalOf(situation, access, app)) ?? begin(situation, person, access, app)
}

/** Begins an authorization for scopes that a person chose: no loop, and no need to ask whether it is meant. */
export async function askFor(
  need: Need,
  person: Person,
  access: Access,
  app: App,
): Promise<AuthorizationAsked | Refused> {
  return begin(await look([{ need, calls: [], round: 0 }], access), person, access, app)
}

interface Situation {
  readonly need: Need
  readonly calls: readonly ToolCall[]
  readonly round: number
  readonly discovery: Discovery
  readonly tokens: TokenRecord | undefined
  readonly missing: readonly string[]
  readonly withheldBefore: readonly string[]
  /** All to ask for: what the token has, so that nothing is lost, and what it lacks (MCP, Step-Up Authorization Flow). */
  readonly scopes: readonly string[]
}

async function look(waiting: readonly [Waiting, ...Waiting[]], access: Access): Promise<Situation> {
  const need = mergeNeeds([waiting[0].need, ...waiting.slice(1).map((one) => one.need)])
  const discovery = await access.discover(need.resourceMetadataUrl)
  const tokens = await access.tokens()
  const granted = need.reason === 'login' ? [] : (tokens?.scopes ?? [])
  const missing = need.reason === 'step-up' ? missingScopes(need.scopes, granted) : []
  return {
    need,
    calls: waiting.flatMap(({ calls }) => calls),
    round: Math.max(...waiting.map(({ round }) => round)),
    discovery,
    tokens,
    missing,
    withheldBefore: missing.filter((scope) => tokens?.withheld.includes(scope)),
    scopes: unionScopes(granted, need.scopes),
  }
}

async function refusalOf(situation: Situation, access: Access, app: App): Promise<Refused | undefined> {
  const { need, calls, round, missing, withheldBefore, scopes } = situation
  const { onStepUp } = app.settings
  const refused = (reason: Refused['reason']): Refused => ({
    status: 'refused',
    reason,
    missing,
    description: need.description,
  })
  if (round >= MAX_ROUNDS) return refused('insufficient')
  if (need.reason !== 'step-up') return undefined
  // Asking once more for what was just asked for is a loop. Where nobody is asked first, a browser would open at every call.
  const isUnasked = app.interact !== undefined && onStepUp === undefined
  if (missing.length === withheldBefore.length && (round > 0 || isUnasked))
    return refused(missing.length === 0 ? 'insufficient' : 'withheld')
  if (onStepUp === undefined) return undefined
  const question = { ...access.who, missing, scopes, calls, description: need.description }
  return (await onStepUp(question)) ? undefined : refused('declined')
}

async function begin(
  situation: Situation,
  person: Person,
  access: Access,
  { settings, abandon }: App,
): Promise<AuthorizationAsked> {
  const redirectUri = await settings.redirectUri()
  try {
    return await beginAt(redirectUri, situation, person, access, settings)
  } catch (error) {
    abandon?.(redirectUri)
    throw error
  }
}

async function beginAt(
  redirectUri: string,
  { need, calls, round, discovery, tokens, missing, withheldBefore, scopes }: Situation,
  person: Person,
  access: Access,
  settings: Settings,
): Promise<AuthorizationAsked> {
  const { user, context } = access.who
  const { acrValues, maxAge, reason, description } = need
  const client = await clientAt(discovery, redirectUri, settings, access.oauthFetch)
  const withheld = reason === 'login' ? [] : (tokens?.withheld ?? [])
  const request = {
    user,
    context,
    browser: person.browser,
    subject: person.subject,
    discovery,
    scopes,
    withheld,
    acrValues,
    maxAge,
    calls,
    round: round + 1,
  }
  const { id, url, asked, expiresAt } = await beginAuthorization(request, client, redirectUri, settings)
  access.observer.browser('out', url)
  const { issuer } = discovery
  return {
    status: 'authorize',
    id,
    url,
    reason,
    missing,
    withheldBefore,
    scopes: asked,
    issuer,
    description,
    expiresAt,
  }
}
