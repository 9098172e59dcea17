import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { err, ok, type Result } from '@permitry/oauth'
import { isRecord } from '../message.ts'
import type { Revocation, RevokedKind } from './floors.ts'

/** Why a SET is not taken, RFC 8935 §2.4: the code for the transmitter, which RFC 8936 §2.4 calls `err`. */
export interface SetError {
  readonly err: 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience' | 'authentication_failed'
  readonly description: string
}

/** What a SET must name and be signed by. */
export interface Expected {
  readonly issuer: string
  /** The client id of the guard's credential. */
  readonly audience: string
  readonly keys: JWTVerifyGetKey
  readonly clock: () => number
}

const OURS = 'urn:permitry:secevent:'
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/** What each event is about. CAEP has words for a person's sessions only, so the others are ours. */
const KINDS: Readonly<Record<string, RevokedKind>> = {
  [SESSION_REVOKED]: 'subject',
  [`${OURS}subject-revoked`]: 'subject',
  [`${OURS}family-revoked`]: 'family',
  [`${OURS}client-revoked`]: 'client',
  [`${OURS}issuer-revoked`]: 'everybody',
}

/**
 * Verifies a security event token (RFC 8417) that was delivered under `jti`, and says what it revokes; undefined for
 * events that revoke nothing, such as a verification (SSF 1.0 §8.1.4). Throws what `keys` throws when no key can be had,
 * or none that the SET names: that is no verdict.
 */
export async function verifySecurityEvent(
  jti: string,
  set: unknown,
  { issuer, audience, keys, clock }: Expected,
): Promise<Result<Revocation | undefined, SetError>> {
  if (typeof set !== 'string') return err({ err: 'invalid_request', description: 'a SET is a JWT in compact form' })
  try {
    const { payload, protectedHeader } = await jwtVerify(set, keys, {
      algorithms: ['ES256'],
      // Explicitly typed, so that no other JWT of the issuer is ever taken for one (RFC 8417 §2.3).
      typ: 'secevent+jwt',
      issuer,
      audience,
      requiredClaims: ['iss', 'aud', 'iat', 'jti', 'events'],
      currentDate: new Date(clock()),
    })
    if (protectedHeader.crit !== undefined) return invalid('`crit` names an extension that is not known')
    if (payload.jti !== jti) return invalid('`jti` is not the one that it was delivered under')
    return readEvent(payload, issuer)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey || !(error instanceof errors.JOSEError)) throw error
    return err({ err: codeOf(error), description: 'the SET could not be verified' })
  }
}

function readEvent(payload: JWTPayload, issuer: string): Result<Revocation | undefined, SetError> {
  const { events, sub_id: subject } = payload
  const entries = isRecord(events) ? Object.entries(events) : []
  const [entry, ...others] = entries
  if (entry === undefined || others.length > 0) return invalid('`events` must have one member')
  const [type, event] = entry
  const kind = KINDS[type]
  // What a later version says of ours may take access away in a way that is not known here: nobody keeps an older token.
  const isNew = kind === undefined && type.startsWith(OURS)
  if (kind === undefined && !isNew) return ok(undefined)
  if (!isRecord(event)) return invalid('the event must be an object')
  const { epoch, event_timestamp: seconds } = event
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch)) return invalid('`epoch` must be a whole number')
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return invalid('`event_timestamp` must be a number')
  const id = isNew ? '' : idOf(kind ?? 'everybody', subject, issuer)
  if (id === undefined) return invalid('`sub_id` does not fit the event')
  return ok({ kind: kind ?? 'everybody', id, epoch, at: seconds * 1000 })
}

/** The name in a subject identifier, RFC 9493; undefined where it is not the one that the event is about. */
function idOf(kind: RevokedKind, subject: unknown, issuer: string): string | undefined {
  if (!isRecord(subject)) return undefined
  const { format, iss, sub, id, uri } = subject
  switch (kind) {
    case 'subject':
      return format === 'iss_sub' && iss === issuer && isName(sub) ? sub : undefined
    case 'family':
    case 'client':
      return format === 'opaque' && isName(id) ? id : undefined
    case 'everybody':
      return format === 'uri' && uri === issuer ? '' : undefined
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function invalid(description: string): Result<never, SetError> {
  return err({ err: 'invalid_request', description })
}

function codeOf(error: errors.JOSEError): SetError['err'] {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'authentication_failed'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'invalid_key'
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') return 'invalid_issuer'
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') return 'invalid_audience'
  return 'invalid_request'
}
