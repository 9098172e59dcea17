import { missingScopes, unionScopes } from '@permitry/oauth'
import type { Access, App } from './access.ts'
import { mergeNeeds, type Need } from './need.ts'
import { beginAuthorization } from './oauth/authorization.ts'
import { clientAt } from './oauth/registration.ts'
import type { ToolCall } from './options.ts'
import type { AuthorizationAsked, Refused } from './outcome.ts'

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
  browser: string,
  access: Access,
  app: App,
): Promise<AuthorizationAsked | Refused> {
  const { settings } = app
  const { user, server, context } = access.who
  const need = mergeNeeds([waiting[0].need, ...waiting.slice(1).map((one) => one.need)])
  const discovery = await access.discover(need.resourceMetadataUrl)
  const tokens = await access.tokens()
  const granted = need.reason === 'login' ? [] : (tokens?.scopes ?? [])
  const missing = need.reason === 'step-up' ? missingScopes(need.scopes, granted) : []
  const withheldBefore = missing.filter((scope) => tokens?.withheld.includes(scope))
  const round = Math.max(...waiting.map((one) => one.round))
  const refused = (reason: Refused['reason']): Refused => ({
    status: 'refused',
    reason,
    missing,
    description: need.description,
  })

  if (round >= MAX_ROUNDS) return refused('insufficient')
  // After an authorization that was begun for these scopes, asking for the same ones again is a loop.
  if (round > 0 && need.reason === 'step-up' && missing.length === withheldBefore.length)
    return refused(missing.length === 0 ? 'insufficient' : 'withheld')
  const calls = waiting.flatMap((one) => one.calls)
  const scopes = unionScopes(granted, need.scopes)
  if (need.reason === 'step-up' && settings.onStepUp !== undefined) {
    const question = { user, server, context, missing, scopes, calls, description: need.description }
    if (!(await settings.onStepUp(question))) return refused('declined')
  }

  const redirectUri = await settings.redirectUri()
  const client = await clientAt(discovery, redirectUri, settings, access.oauthFetch)
  const begun = await beginAuthorization(
    {
      user,
      context,
      browser,
      discovery,
      scopes,
      withheld: need.reason === 'login' ? [] : (tokens?.withheld ?? []),
      acrValues: need.acrValues,
      maxAge: need.maxAge,
      calls,
      round: round + 1,
    },
    client,
    redirectUri,
    settings,
  )
  access.observer.browser('out', begun.url)
  return {
    status: 'authorize',
    id: begun.id,
    url: begun.url,
    reason: need.reason,
    missing,
    withheldBefore,
    scopes: begun.asked,
    issuer: discovery.issuer,
    description: need.description,
    expiresAt: begun.expiresAt,
  }
}
