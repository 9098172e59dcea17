import { InsufficientScopeError, SdkHttpError } from '@modelcontextprotocol/client'
import { unionScopes } from '@permitry/oauth'
import { scopesOf, type ServerChallenge } from './oauth/challenge.ts'
import type { AuthorizationReason } from './outcome.ts'

/** Why a request did not get through, and what the server wants. */
export interface Need {
  readonly reason: AuthorizationReason
  readonly scopes: readonly string[]
  readonly description: string | undefined
  readonly resourceMetadataUrl: string | undefined
  readonly acrValues: string | undefined
  readonly maxAge: string | undefined
}

/** A need of which nothing more is known. */
export const NO_NEED: Need = {
  reason: 'login',
  scopes: [],
  description: undefined,
  resourceMetadataUrl: undefined,
  acrValues: undefined,
  maxAge: undefined,
}

/** Thrown out of requests on `connection.mcp` itself; `connection.run` and `callTool` turn it into an outcome. */
export class AuthorizationNeeded extends Error {
  readonly need: Need

  constructor(need: Need) {
    super(`authorization is needed: ${need.reason}`)
    this.name = 'AuthorizationNeeded'
    this.need = need
  }
}

/** What a 401 asks for. */
export function needOfChallenge(challenge: ServerChallenge): Need {
  const { scopes, description, resourceMetadataUrl, acrValues, maxAge } = challenge
  const reason = challenge.error === 'insufficient_user_authentication' ? 'stronger-login' : 'login'
  return { reason, scopes, description, resourceMetadataUrl, acrValues, maxAge }
}

/** The need behind an error of the official client; undefined when it is about something else. */
export function needOfError(error: unknown): Need | undefined {
  if (error instanceof AuthorizationNeeded) return error.need
  if (InsufficientScopeError.isInstance(error)) {
    const { requiredScope, errorDescription: description, resourceMetadataUrl } = error
    return {
      ...NO_NEED,
      reason: 'step-up',
      scopes: scopesOf(requiredScope),
      description,
      resourceMetadataUrl: resourceMetadataUrl?.href,
    }
  }
  // A token that was just refreshed, and refused again.
  return SdkHttpError.isInstance(error) && error.status === 401 ? NO_NEED : undefined
}

/** Several needs as one, so that a person is asked once: the strongest reason, all scopes. */
export function mergeNeeds(needs: readonly [Need, ...Need[]]): Need {
  const strongest = REASONS.map((reason) => needs.find((need) => need.reason === reason)).find(
    (need) => need !== undefined,
  )
  return { ...(strongest ?? needs[0]), scopes: unionScopes(...needs.map(({ scopes }) => scopes)) }
}

const REASONS: readonly AuthorizationReason[] = ['stronger-login', 'login', 'step-up']
