import assert from 'node:assert/strict'
import type { AppClient, AuthorizationAsked, Connection, Outcome } from '@permitry/client'
import { SERVER, type World } from './world.ts'

export const BROWSER = 'the-session-of-this-browser'
export const bob = { user: 'usr_bob', server: SERVER, browser: BROWSER }

export function asked(outcome: Outcome<unknown>): AuthorizationAsked {
  assert.equal(outcome.status, 'authorize', JSON.stringify(outcome))
  return outcome
}

export function done<T>(outcome: Outcome<T>): T {
  assert.equal(outcome.status, 'done', JSON.stringify(outcome))
  return outcome.result
}

/** Connects, and where it must be, logs in and consents first. */
export async function connect(world: World, client: AppClient, request = bob): Promise<Connection> {
  const first = await client.connect(request)
  if (first.status === 'done') return first.result
  const finished = await client.finish(world.as.consent(asked(first).url), request.browser)
  assert.equal(finished.status, 'authorized', JSON.stringify(finished))
  return done(await client.connect(request))
}

/** The authorization request that a connection leads to. */
export async function authorizationRequest(client: AppClient, request = bob): Promise<URLSearchParams> {
  return new URL(asked(await client.connect(request)).url).searchParams
}

export const withCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === code
