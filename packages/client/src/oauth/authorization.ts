import {
  exchangeAuthorization,
  type FetchLike,
  type OAuthClientInformationMixed,
  startAuthorization,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client'
import { equalInConstantTime, formatScope, unionScopes } from '@permitry/oauth'
import { randomText, sha256 } from '../base64url.ts'
import type { ToolCall } from '../options.ts'
import type { Settings } from '../settings.ts'
import { rowOf } from '../store/keys.ts'
import type { Stored } from '../store/store.ts'
import { clientAuthentication } from './client-auth.ts'
import { isIdTokenOf } from './id-token.ts'
import type { Discovery } from './discovery.ts'
import { type TokenRecord, tokenRecord } from './tokens.ts'

/** For whom and for what an authorization is begun. */
export interface AuthorizationRequest {
  readonly user: string
  readonly context: string | undefined
  /** Anything that only this browser session knows. */
  readonly browser: string
  /** Who must log in; undefined: whoever does. */
  readonly subject: string | undefined
  readonly discovery: Discovery
  /** What to ask for; empty leaves it to the server's metadata. */
  readonly scopes: readonly string[]
  /** What was refused to this user before, to be remembered with the new tokens. */
  readonly withheld: readonly string[]
  /** What a challenge asked of the login, RFC 9470 §4. */
  readonly acrValues: string | undefined
  readonly maxAge: string | undefined
  /** Calls that wait for it. */
  readonly calls: readonly ToolCall[]
  /** How many authorizations this chain of calls already took. */
  readonly round: number
}

/** An authorization between the redirect and its response. Everything the response is checked against is recorded here. */
export interface Pending extends AuthorizationRequest {
  readonly id: string
  readonly browserHash: string
  readonly client: OAuthClientInformationMixed
  readonly redirectUri: string
  readonly codeVerifier: string
  readonly asked: readonly string[]
  readonly expiresAt: number
}

/** People read consent pages, and links wait in conversations; a state is single-use and bound to a browser anyway. */
const PENDING_MS = 30 * 60_000
/** A code may come back at the last moment, and takes its time to be redeemed. */
const REDEEMING_MS = 60_000
/** Tabs and conversations that one user may leave at a login; more would only fill the store. */
const MAX_PENDING = 20

export interface Begun {
  readonly id: string
  readonly url: string
  readonly asked: readonly string[]
  readonly expiresAt: number
}

/** Begins an authorization: PKCE, `state`, `resource`, and a record of all that the response must match (MCP Authorization). */
export async function beginAuthorization(
  request: AuthorizationRequest,
  client: OAuthClientInformationMixed,
  redirectUri: string,
  settings: Settings,
): Promise<Begun> {
  const { discovery } = request
  const asked = scopesToAsk(request, settings)
  const state = randomText()
  const { authorizationUrl, codeVerifier } = await startAuthorization(discovery.authorizationServer, {
    ...(discovery.metadata === undefined ? {} : { metadata: discovery.metadata }),
    clientInformation: client,
    redirectUrl: redirectUri,
    state,
    resource: discovery.resource,
    ...(asked.length === 0 ? {} : { scope: formatScope(asked) }),
  })
  if (request.acrValues !== undefined) authorizationUrl.searchParams.set('acr_values', request.acrValues)
  if (request.maxAge !== undefined) authorizationUrl.searchParams.set('max_age', request.maxAge)
  const id = await sha256(state)
  const expiresAt = settings.now() + PENDING_MS
  const pending: Pending = {
    ...request,
    id,
    browser: '',
    browserHash: await sha256(request.browser),
    client,
    redirectUri,
    codeVerifier,
    asked,
    expiresAt,
  }
  // The user's mark comes first: what is forgotten with a user must be found.
  await settings.store.write(rowOf.userPending(request.user, id), undefined, expiresAt, expiresAt + REDEEMING_MS)
  await settings.store.write(rowOf.pending(id), undefined, pending, expiresAt)
  await dropOldest(request.user, settings)
  return { id, url: authorizationUrl.href, asked, expiresAt }
}

/** MCP Authorization, Scope Selection: what a challenge named, else all that the metadata lists, else nothing is said. */
function scopesToAsk({ discovery, scopes, subject }: AuthorizationRequest, settings: Settings): readonly string[] {
  const wanted = scopes.length > 0 ? scopes : (discovery.scopesSupported ?? [])
  // The ID token that comes with it says who logged in.
  const chosen = subject === undefined ? wanted : unionScopes(wanted, ['openid'])
  // Only beside other scopes: alone it would be read as all that is asked for.
  const offline = settings.offlineAccess && discovery.metadata?.scopes_supported?.includes('offline_access')
  return chosen.length > 0 && offline ? unionScopes(chosen, ['offline_access']) : chosen
}

/** The ids of a user's authorizations that wait. */
export async function pendingOf(user: string, { store }: Settings): Promise<string[]> {
  const prefix = rowOf.userPending(user, '')
  return (await store.keys(prefix)).map((key) => key.slice(prefix.length))
}

async function dropOldest(user: string, settings: Settings): Promise<void> {
  const ids = await pendingOf(user, settings)
  if (ids.length <= MAX_PENDING) return
  const { store } = settings
  const marks = ids.map(async (id) => ({
    id,
    until: (await store.read<number>(rowOf.userPending(user, id)))?.value ?? 0,
  }))
  const oldest = (await Promise.all(marks)).toSorted((a, b) => b.until - a.until).slice(MAX_PENDING)
  for (const { id } of oldest) await erasePending(user, id, settings)
}

/** Ends an authorization that waits: its response will be unknown. */
export async function erasePending(user: string, id: string, { store }: Settings): Promise<void> {
  await store.erase(rowOf.pending(id))
  await store.erase(rowOf.userPending(user, id))
}

/** Ends the mark of an authorization whose response was taken; false when the user was forgotten since then. */
export async function endPending({ user, id }: Pending, { store }: Settings): Promise<boolean> {
  const row = rowOf.userPending(user, id)
  const mark = await store.read(row)
  return mark !== undefined && (await store.remove(row, mark))
}

/** Why an authorization response was not taken. Nothing that came with it may be shown: an attacker may have written it. */
export type ResponseFault = 'malformed' | 'unknown_state' | 'expired' | 'other_browser'

/**
 * Finds the authorization that a response belongs to and spends it. The browser is compared first: a link that reaches
 * another browser spends nothing. The user's mark stays until the tokens are stored.
 */
export async function takePending(
  params: URLSearchParams,
  browser: string,
  { store, now }: Settings,
): Promise<Pending | ResponseFault> {
  const names = [...params.keys()]
  const [state, ...others] = params.getAll('state')
  if (state === undefined || others.length > 0 || new Set(names).size < names.length) return 'malformed'
  const id = await sha256(state)
  const row = rowOf.pending(id)
  const stored: Stored<Pending> | undefined = await store.read<Pending>(row)
  if (stored === undefined) return 'unknown_state'
  if (!equalInConstantTime(await sha256(browser), stored.value.browserHash)) return 'other_browser'
  if (!(await store.remove(row, stored))) return 'unknown_state'
  return stored.value.expiresAt <= now() ? 'expired' : stored.value
}

/**
 * Checks `iss` against the issuer that was recorded before the redirect, RFC 9207 §2.4, without normalising: before the
 * code goes anywhere, and before an error is believed. Throws the SDK's IssuerMismatchError.
 */
export function checkIss(params: URLSearchParams, { discovery }: Pending): void {
  validateAuthorizationResponseIssuer({
    iss: params.get('iss') ?? undefined,
    expectedIssuer: discovery.metadata?.issuer,
    issParameterSupported: discovery.metadata?.authorization_response_iss_parameter_supported === true,
  })
}

/** What a code was redeemed for. */
export interface Redeemed {
  readonly tokens: TokenRecord
  /** False: somebody else logged in than the user who was to. */
  readonly isExpected: boolean
}

/** Redeems a code at the authorization server that was recorded, with what was recorded. */
export async function redeemCode(
  code: string,
  params: URLSearchParams,
  pending: Pending,
  settings: Settings,
  fetchFn: FetchLike,
): Promise<Redeemed> {
  const { discovery, client, codeVerifier, redirectUri, asked, withheld, subject } = pending
  const iss = params.get('iss')
  const tokens = await exchangeAuthorization(discovery.authorizationServer, {
    ...(discovery.metadata === undefined ? {} : { metadata: discovery.metadata }),
    clientInformation: client,
    authorizationCode: code,
    ...(iss === null ? {} : { iss }),
    codeVerifier,
    redirectUri,
    resource: discovery.resource,
    addClientAuthentication: clientAuthentication(client),
    fetchFn,
  })
  return {
    tokens: tokenRecord(tokens, { scopes: asked, withheld, clientId: client.client_id }, settings.now()),
    isExpected: subject === undefined || isIdTokenOf(subject, tokens.id_token, discovery.issuer, client.client_id),
  }
}
