// When a signing key is published, signs and verifies. All of it follows from the times in its row, so that processes which
// share a database agree without talking to each other.
import type { SigningKey } from '../store/repositories/signing-keys.ts'

/** What keys are made for; `EdDSA` is Ed25519 (RFC 8037 §3.1). */
export type KeyKind = Pick<SigningKey, 'purpose' | 'alg'>

/** One key pair for each purpose and algorithm, so that an ID token never verifies as an access token (RFC 9068 §5). */
export const KEY_KINDS: readonly KeyKind[] = [
  { purpose: 'access', alg: 'ES256' },
  { purpose: 'id', alg: 'RS256' },
  { purpose: 'id', alg: 'ES256' },
  { purpose: 'id', alg: 'EdDSA' },
  { purpose: 'signals', alg: 'ES256' },
]

/** What a client may choose for its ID tokens, with the key that signs them. RFC 9864 §2.2 calls the algorithm of Ed25519 by its curve. */
export const ID_TOKEN_KEYS = { RS256: 'RS256', ES256: 'ES256', EdDSA: 'EdDSA', Ed25519: 'EdDSA' } as const

/** How long whoever verifies tokens may keep the JWKS without asking again. */
export const JWKS_MAX_AGE_SECONDS = 600

/** A key is published this long before it signs: also who could not reach us for most of an hour knows it by then. */
export const PUBLISHED_BEFORE_MS = 60 * 60_000

/** And this long after it has signed: the longest life of a token, and ten minutes for clocks that differ. */
export const PUBLISHED_AFTER_MS = 70 * 60_000

export type KeyState = 'next' | 'signing' | 'retired' | 'revoked'

export function stateOf(key: SigningKey, now: number): KeyState {
  if (key.revoked_at !== null) return 'revoked'
  if (key.signs_from > now) return 'next'
  return key.retired_at !== null && key.retired_at <= now ? 'retired' : 'signing'
}

/** Whether the key is in the JWKS. What is not verifies no token that counts. */
export function isPublished(key: SigningKey, now: number): boolean {
  return key.revoked_at === null && !isOver(key, now)
}

/** Whether every token that the key signed has expired: its private half is of use to a thief only. */
export function isOver({ retired_at }: SigningKey, now: number): boolean {
  return retired_at !== null && retired_at + PUBLISHED_AFTER_MS <= now
}

/**
 * From when a new key of a kind has to sign: at once when none does, later when the one that does will be `maxAgeMs` old by
 * then. Undefined when no new key is needed, as while one is waiting.
 */
export function newKeySignsFrom(
  keys: readonly SigningKey[],
  kind: KeyKind,
  { now, maxAgeMs }: { readonly now: number; readonly maxAgeMs: number },
): number | undefined {
  const inState = (state: KeyState) => keys.find((key) => isOfKind(key, kind) && stateOf(key, now) === state)
  if (inState('next')) return undefined
  const signing = inState('signing')
  if (!signing) return now
  const signsFrom = now + PUBLISHED_BEFORE_MS
  return signsFrom - signing.signs_from >= maxAgeMs ? signsFrom : undefined
}

export function isOfKind(key: KeyKind, { purpose, alg }: KeyKind): boolean {
  return key.purpose === purpose && key.alg === alg
}
