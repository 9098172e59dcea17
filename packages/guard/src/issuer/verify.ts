// Who calls: an access token becomes a verified caller, by the authorization server that made it.
import { decodeJwt, errors } from 'jose'
import { sha256 } from '../digest.ts'
import type { Settings } from '../settings.ts'
import type { Principal } from '../types.ts'
import type { Caller } from './claims.ts'
import { createKeys } from './keys.ts'
import { verifyJwt } from './jwt.ts'
import { endpointOf, fetchMetadata } from './metadata.ts'
import type { IssuerOptions } from './options.ts'

const MAX_CACHED = 2_000
/** After that a token is verified again: its key may be one that the issuer has taken back, and nobody else may have asked. */
const MAX_CACHED_MS = 10 * 60_000

/** Whether a token of this caller was revoked, as signals of its issuer say. Asked at every use, cached or not. */
export type IsRevoked = (principal: Principal, epoch: number | undefined) => boolean

export interface Verifier {
  /**
   * The caller that a token stands for; undefined for one that is not good, without a reason: what failed is nobody's
   * business. Throws `IssuerUnavailable` when nobody can say.
   */
  readonly verify: (token: string) => Promise<Caller | undefined>
  /** Forgets what was verified of an issuer and is revoked since: what a signal of it does. */
  readonly forget: (issuer: string) => void
}

/** Makes the check of access tokens of all issuers. */
export function createVerifier(settings: Settings, isRevoked: IsRevoked): Verifier {
  const issuers = new Map(
    settings.issuers.map((options) => [options.issuer, createIssuer(options, settings, isRevoked)]),
  )

  return {
    async verify(token) {
      const caller = await issuers.get(issuerOf(token) ?? '')?.verify(token)
      return caller === undefined || isRevoked(caller.principal, caller.epoch) ? undefined : caller
    },
    forget: (issuer) => issuers.get(issuer)?.forget(),
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
  readonly verify: (token: string) => Promise<Caller | undefined>
  readonly forget: () => void
}

/** One authorization server, with a cache of what was verified of it. */
function createIssuer({ issuer }: IssuerOptions, settings: Settings, isRevoked: IsRevoked): Issuer {
  /** Keyed by hash: a heap dump should not hold tokens. Never used past `exp`, dropped when keys change. */
  const verified = new Map<string, { readonly caller: Caller; readonly at: number }>()
  const locate = async (): Promise<string> => endpointOf(await fetchMetadata(issuer, settings.fetch), 'jwks_uri')
  const keys = createKeys({ ...settings, issuer, locate, onReplaced: () => verified.clear() })

  return {
    async verify(token) {
      const key = await sha256(token)
      const known = verified.get(key)
      if (known !== undefined) {
        const now = settings.clock()
        // A clock that went back does not make what was verified last any longer.
        const isRecent = known.at <= now && now < known.at + MAX_CACHED_MS
        if (isRecent && now < known.caller.principal.exp * 1000) return known.caller
        verified.delete(key)
      }
      const caller = await verifyJwt(token, issuer, keys, settings)
      if (caller === undefined) return undefined
      if (verified.size >= MAX_CACHED) {
        const [oldest] = verified.keys()
        if (oldest !== undefined) verified.delete(oldest)
      }
      verified.set(key, { caller, at: settings.clock() })
      return caller
    },
    forget() {
      for (const [key, { caller }] of verified) {
        if (isRevoked(caller.principal, caller.epoch)) verified.delete(key)
      }
    },
  }
}
