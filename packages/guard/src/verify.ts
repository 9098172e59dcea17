import { errors, jwtVerify, type JWTPayload } from 'jose'
import { parseScope, sameResource, scopeClosure } from '@permitry/oauth'
import { sha256 } from './digest.ts'
import { createKeys } from './keys.ts'
import type { Settings } from './settings.ts'
import type { Principal } from './types.ts'

/** A verified caller, with scopes closed under the hierarchy. */
export interface Caller {
  readonly principal: Principal
  readonly scopes: ReadonlySet<string>
  readonly entitlements?: ReadonlySet<string>
}

/** What each authorization server has to offer at least one of; nothing symmetric, and never `none`. */
const ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'RS256']
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_CACHED = 2_000
/** After that a token is verified again: its key may be one that the issuer has taken back, and nobody else may have asked. */
const MAX_CACHED_MS = 10 * 60_000

/**
 * Makes the check of access tokens, RFC 9068 §4. The result is undefined for a token that is not good, without a reason:
 * what failed is nobody's business. Throws `KeysUnavailable` when nobody can say.
 */
export function createVerifier(settings: Settings): (token: string) => Promise<Caller | undefined> {
  /** Keyed by hash: a heap dump should not hold tokens. Never used past `exp`, dropped when keys change. */
  const verified = new Map<string, { readonly caller: Caller; readonly at: number }>()
  const keys = createKeys({ ...settings, onReplaced: () => verified.clear() })

  return async (token) => {
    const key = await sha256(token)
    const known = verified.get(key)
    if (known !== undefined) {
      const now = settings.clock()
      // A clock that went back does not make what was verified last any longer.
      const isRecent = known.at <= now && now < known.at + MAX_CACHED_MS
      if (isRecent && now < known.caller.principal.exp * 1000) return known.caller
      verified.delete(key)
    }
    const caller = await verify(token, keys, settings)
    if (caller === undefined) return undefined
    if (verified.size >= MAX_CACHED) {
      const [oldest] = verified.keys()
      if (oldest !== undefined) verified.delete(oldest)
    }
    verified.set(key, { caller, at: settings.clock() })
    return caller
  }
}

async function verify(
  token: string,
  keys: ReturnType<typeof createKeys>,
  settings: Settings,
): Promise<Caller | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      typ: 'at+jwt',
      issuer: settings.issuer,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(settings.clock()),
    })
    // `crit` names extensions that must be understood, RFC 7515 §4.1.11: none is, not even those that jose knows.
    if (protectedHeader.crit !== undefined) return undefined
    return readClaims(payload, settings)
  } catch (error) {
    // Everything that jose finds wrong with a token is a JOSEError; anything else is a fault and no verdict.
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/** The claims as a caller, or undefined where one is not what it must be. */
function readClaims(claims: JWTPayload, { names, hierarchy }: Settings): Caller | undefined {
  const { iss, sub, aud, exp, jti, client_id, scope = '', entitlements, roles = [], fam, acr, auth_time, cnf } = claims
  // A token that is bound to a key must come with a proof of it (RFC 9449 §7.1), which this guard cannot check yet.
  if (cnf !== undefined) return undefined
  const audiences = [aud as unknown].flat().filter(isText)
  if (!audiences.some((audience) => names.some((name) => name === audience || sameResource(name, audience)))) {
    return undefined
  }
  const parsed = typeof scope === 'string' ? parseScope(scope) : undefined
  if (!parsed?.ok || !isText(iss) || !isText(sub) || !isText(jti) || !isText(client_id) || exp === undefined) {
    return undefined
  }
  if (!isTextList(roles) || (entitlements !== undefined && !isTextList(entitlements))) return undefined
  if ((fam !== undefined && !isText(fam)) || (acr !== undefined && !isText(acr))) return undefined
  if (auth_time !== undefined && typeof auth_time !== 'number') return undefined
  return {
    principal: Object.freeze({
      iss,
      sub,
      client_id,
      scopes: Object.freeze(parsed.value),
      ...(entitlements && { entitlements: Object.freeze(entitlements) }),
      roles: Object.freeze(roles),
      jti,
      exp,
      ...(fam !== undefined && { fam }),
      ...(acr !== undefined && { acr }),
      ...(auth_time !== undefined && { auth_time }),
    }),
    scopes: new Set(scopeClosure(parsed.value, hierarchy)),
    ...(entitlements && { entitlements: new Set(scopeClosure(entitlements, hierarchy)) }),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}
