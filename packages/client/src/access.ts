import type { AuthProvider, FetchLike, ResponseCacheStore } from '@modelcontextprotocol/client'
import { buffered, documentFetch } from './net/documents.ts'
import { withinLimit } from './net/messages.ts'
import { AuthorizationNeeded, needOfChallenge } from './need.ts'
import { readChallenge } from './oauth/challenge.ts'
import { discover, type Discovery } from './oauth/discovery.ts'
import { freshTokens, type Refreshes } from './oauth/refresh.ts'
import type { TokenRecord } from './oauth/tokens.ts'
import { ClientError } from './errors.ts'
import { cacheForScopes } from './cache.ts'
import { createObserver, type Observed, type Observer } from './observe/observe.ts'
import type { AuthorizationAsked, Refused } from './outcome.ts'
import { isRegisteredAt, type Settings } from './settings.ts'
import { type Place, rowOf } from './store/keys.ts'

/** What all users of an app share. */
export interface App {
  readonly settings: Settings
  readonly refreshes: Refreshes
  /** Native apps: walks the person through an authorization in place. Undefined once it is granted; called once for each. */
  readonly interact?: (asked: AuthorizationAsked) => Promise<Refused | undefined>
  /** Native apps: nobody will come back to this redirect URI, since the authorization could not be begun. */
  readonly abandon?: (redirectUri: string) => void
}

/** One user at one MCP server: which tokens go out, and what happens when they are refused. */
export interface Access {
  readonly who: Observed
  readonly observer: Observer
  /** For the transport. */
  readonly provider: AuthProvider
  readonly mcpFetch: FetchLike
  /** For OAuth: bounded in size and time. */
  readonly oauthFetch: FetchLike
  /** Lists that the official client keeps for this user. */
  readonly cache: ResponseCacheStore
  /** Asks the server anew who guards it. */
  discover(resourceMetadataUrl?: string): Promise<Discovery>
  /** The tokens as they are stored. */
  tokens(): Promise<TokenRecord | undefined>
  /** Tokens other than `refused`; undefined when nobody can get some without a person. */
  refresh(refused: string): Promise<TokenRecord | undefined>
}

/** Who guards a server changes rarely, and a refused token makes us look again anyway. */
const DISCOVERY_MS = 10 * 60_000

export function createAccess(who: Observed, { settings, refreshes }: App): Access {
  const { store, network, now } = settings
  const observer = createObserver(who, settings.onMessage, now)
  const oauthFetch = observer.watch('oauth', documentFetch(network.fetch))
  const sent = new WeakMap<Response, string>()
  const row = rowOf.discovery(who.server)

  const known = async (): Promise<Discovery | undefined> => (await store.read<Discovery>(row))?.value
  const placeOf = ({ issuer, resource }: Discovery): Place => ({ user: who.user, issuer, resource })

  async function lookUp(resourceMetadataUrl?: string): Promise<Discovery> {
    const before = await store.read<Discovery>(row)
    const remembered = resourceMetadataUrl === undefined ? before?.value.resourceMetadataUrl : undefined
    const found = await (remembered === undefined
      ? discover(who.server, resourceMetadataUrl, settings, oauthFetch)
      : lookAgain(remembered))
    checkMove(before?.value, found, settings)
    // Losing this write is fine: another process found out at the same moment.
    await store.write(row, before, found)
    return found
  }

  /** Where nothing was said this time, the address of the last challenge may have been the only one; or it may be gone. */
  async function lookAgain(remembered: string): Promise<Discovery> {
    try {
      return await discover(who.server, remembered, settings, oauthFetch)
    } catch (error) {
      // No legacy server, since it had metadata: it is found elsewhere, or this is an outage and nothing is guessed.
      return discover(who.server, undefined, { ...settings, legacyServers: false }, oauthFetch).catch(() => {
        throw error
      })
    }
  }

  async function current(maxAge: number): Promise<Discovery> {
    const discovery = await known()
    return discovery !== undefined && now() - discovery.foundAt < maxAge ? discovery : lookUp()
  }

  async function fresh(discovery: Discovery, refused?: string): Promise<TokenRecord | undefined> {
    const place = placeOf(discovery)
    // The place is fixed before the lookup: tokens of one issuer are refreshed there or not at all.
    const context = { settings, place, discover: () => current(DISCOVERY_MS), fetchFn: oauthFetch }
    return freshTokens(context, refreshes, refused)
  }

  async function stored(): Promise<TokenRecord | undefined> {
    const discovery = await known()
    return discovery && (await store.read<TokenRecord>(rowOf.tokens(placeOf(discovery))))?.value
  }

  return {
    who,
    observer,
    oauthFetch,
    cache: cacheForScopes(async () => (await stored())?.scopes.join(' ')),
    discover: lookUp,
    tokens: stored,
    async refresh(refused) {
      const discovery = await known()
      return discovery === undefined ? undefined : fresh(discovery, refused)
    },
    provider: {
      async token() {
        const discovery = await known()
        return discovery && (await fresh(discovery))?.accessToken
      },
      async onUnauthorized({ response }) {
        const challenge = readChallenge(response.headers)
        const need = needOfChallenge(challenge)
        const refused = sent.get(response)
        if (refused !== undefined && need.reason !== 'stronger-login') {
          // Looked up before a refresh token goes anywhere: the server may have moved to another authorization server.
          const discovery = await lookUp(challenge.resourceMetadataUrl)
          const tokens = await fresh(discovery, refused)
          if (tokens !== undefined && tokens.accessToken !== refused) return
        }
        throw new AuthorizationNeeded(need)
      },
    },
    mcpFetch: observer.watch('mcp', async (url, init) => {
      const received = await network.fetch(url, init)
      // Results may be large and may be streams; refusals are neither, and are read before anything is done about them.
      const response = received.ok ? withinLimit(received) : await buffered(received)
      const [, token] = /^Bearer (.+)$/.exec(new Headers(init?.headers).get('authorization') ?? '') ?? []
      if (token !== undefined) sent.set(response, token)
      return response
    }),
  }
}

/** MCP Client Registration: credentials that were given for one authorization server are not silently done without at another. */
function checkMove(before: Discovery | undefined, found: Discovery, settings: Settings): void {
  if (before === undefined || before.issuer === found.issuer) return
  if (isRegisteredAt(before.issuer, settings) && !isRegisteredAt(found.issuer, settings))
    throw new ClientError(
      'issuer_changed',
      `\`${found.server}\` moved from \`${before.issuer}\`, where the app is registered, to \`${found.issuer}\`: register there if that is meant`,
    )
}
