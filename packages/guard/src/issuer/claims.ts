import { parseScope, sameResource, scopeClosure } from '@permitry/oauth'
import { isRecord } from '../message.ts'
import type { Settings } from '../settings.ts'
import type { Principal } from '../types.ts'

/** A verified caller, with scopes closed under the hierarchy. */
export interface Caller {
  readonly principal: Principal
  readonly scopes: ReadonlySet<string>
  readonly entitlements?: ReadonlySet<string>
  /** The revocation counter of the authorization server when it made the token; undefined where it has none. */
  readonly epoch: number | undefined
}

/**
 * Reads the claims of an access token, signed or introspected: undefined where one is not what it must be, the audience
 * of another server included.
 */
export function readClaims(
  claims: Readonly<Record<string, unknown>>,
  { names, hierarchy }: Settings,
): Caller | undefined {
  const { iss, sub, aud, exp, jti, client_id, scope = '', entitlements, roles = [], fam, acr, auth_time, cnf } = claims
  const { epoch } = claims
  // What a token is bound to in another way cannot be checked here, RFC 7800 §3.1.
  if (cnf !== undefined && !isThumbprint(cnf)) return undefined
  const audiences = [aud].flat().filter(isText)
  if (!audiences.some((audience) => names.some((name) => name === audience || sameResource(name, audience)))) {
    return undefined
  }
  const parsed = typeof scope === 'string' ? parseScope(scope) : undefined
  if (!parsed?.ok || !isText(iss) || !isText(sub) || !isText(jti) || !isText(client_id)) return undefined
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return undefined
  if (!isTextList(roles) || (entitlements !== undefined && !isTextList(entitlements))) return undefined
  if ((fam !== undefined && !isText(fam)) || (acr !== undefined && !isText(acr))) return undefined
  if (auth_time !== undefined && typeof auth_time !== 'number') return undefined
  if (epoch !== undefined && !Number.isSafeInteger(epoch)) return undefined
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
      ...(cnf !== undefined && { cnf: Object.freeze({ jkt: cnf.jkt }) }),
    }),
    scopes: new Set(scopeClosure(parsed.value, hierarchy)),
    ...(entitlements && { entitlements: new Set(scopeClosure(entitlements, hierarchy)) }),
    epoch: epoch as number | undefined,
  }
}

/** RFC 9449 §6.1: a SHA-256 in base64url, and nothing beside it. */
function isThumbprint(value: unknown): value is { readonly jkt: string } {
  if (!isRecord(value) || Object.keys(value).length !== 1) return false
  return typeof value['jkt'] === 'string' && /^[\w-]{43}$/.test(value['jkt'])
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}
