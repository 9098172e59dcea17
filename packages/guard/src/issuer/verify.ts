// Who calls: an access token becomes a verified caller, by the authorization server that made it.
import { decodeJwt, errors } from 'jose'
import { isCompactJwt } from '../credentials.ts'
import { sha256 } from '../digest.ts'
import type { Settings } from '../settings.ts'
import type { Principal } from '../types.ts'
import { createTokenCache, type TokenCache } from './cache.ts'
import type { Caller } from './claims.ts'
import { createIntrospection } from './introspect.ts'
import { createKeys, type Keys } from './keys.ts'
import { verifyJwt } from './jwt.ts'
import { endpointOf, fetchMetadata } from './metadata.ts'
import type { IssuerOptions } from './options.ts'

/** After that a token is verified again: its key may be one that the issuer has taken back, and nobody else may have asked. */
const SIGNED_MS = 10 * 60_000
/** The same for what an issuer was asked about: until then a token that ended before its time is still taken, RFC 7662 §4. */
const INTROSPECTED_MS = 15_000

/** Whether a token of this caller was revoked, as signals of its issuer say. Asked at every use, cached or not. */
export type IsRevoked = (principal: Principal, epoch: number | undefined) => boolean

export interface Verifier {
  /**
   * The caller that a token stands for; undefined for one that is not good, without a reason: what failed is nobody's
   * business. Throws `IssuerUnavailable` when nobody can say.
   */
  readonly verify: (token: string) => Promise<Caller | undefined>
  /** Forgets what was verified of an issuer and is revoked since: what a signal of it does; and its keys, when one of them is. */
  readonly forget: (issuer: string, alsoKeys: boolean) => void
}

/** Makes the check of access tokens of all issuers. */
export function createVerifier(settings: Settings, isRevoked: IsRevoked): Verifier {
  const cache = createTokenCache(settings.clock)
  const issuers = new Map(settings.issuers.map((options) => [options.issuer, createIssuer(options, settings, cache)]))
  const opaque = [...issuers.values()].find(({ introspect }) => introspect !== undefined)

  async function verify(token: string): Promise<Caller | undefined> {
    const hash = await sha256(token)
    const known = cache.get(hash)
    if (known !== undefined) return known
    const keep = cache.prepare(hash)
    const isSigned = isCompactJwt(token)
    const ask = isSigned ? issuers.get(issuerOf(token) ?? '')?.verify : opaque?.introspect
    const caller = await ask?.(token)
    if (caller !== undefined) keep(caller, isSigned ? SIGNED_MS : INTROSPECTED_MS)
    return caller
  }

  return {
    async verify(token) {
      const caller = await verify(token)
      return caller === undefined || isRevoked(caller.principal, caller.epoch) ? undefined : caller
    },
    forget(issuer, alsoKeys) {
      if (alsoKeys) issuers.get(issuer)?.keys.forget()
      cache.forget(({ principal, epoch }) => principal.iss === issuer && isRevoked(principal, epoch))
    },
  }
}

/**
 * The issuer that a token names. Nothing is verified yet: it only says which of the configured issuers is asked, whose
 * own keys then have to verify the same name.
 */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

interface Issuer {
  readonly keys: Keys
  readonly verify: (token: string) => Promise<Caller | undefined>
  readonly introspect: ((token: string) => Promise<Caller | undefined>) | undefined
}

function createIssuer(
  { issuer, credential, opaqueTokens }: IssuerOptions,
  settings: Settings,
  cache: TokenCache,
): Issuer {
  const onReplaced = (): void => cache.forget(({ principal }) => principal.iss === issuer)
  const locate = async (): Promise<string> => endpointOf(await fetchMetadata(issuer, settings.fetch), 'jwks_uri')
  const keys = createKeys({ ...settings, issuer, locate, onReplaced })
  return {
    keys,
    verify: (token) => verifyJwt(token, issuer, keys, settings),
    introspect: opaqueTokens && credential ? createIntrospection(issuer, credential, settings) : undefined,
  }
}
