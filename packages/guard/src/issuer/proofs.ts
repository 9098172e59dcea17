// Tokens that are bound to a key: whoever shows one must prove to hold the key (RFC 9449 §7).
import { checkProof, PROOF_WINDOW_SECONDS, type ProofFailure } from '@permitry/oauth/dpop'
import type { Settings } from '../settings.ts'
import type { Incoming } from '../types.ts'
import { createNonces } from './nonces.ts'
import type { ReplayStore } from './replays.ts'

/** How proofs of keys are served. */
export interface DpopOptions {
  /** Serve only tokens that are bound to a key. */
  readonly required?: boolean
  /** Where proofs are remembered; for processes behind one address, one that they share. In the process by default. */
  readonly replays?: ReplayStore
  /** At least 32 bytes, the same in all processes behind one address: with it proofs must carry a nonce of this server. */
  readonly nonceKey?: Uint8Array
}

const KEYS: Readonly<Record<keyof DpopOptions, true>> = { required: true, replays: true, nonceKey: true }

/** Faults of the options, each with what to write instead. */
export function* checkDpop(dpop: unknown): Generator<string, void> {
  if (dpop === false || dpop === undefined) return
  if (typeof dpop !== 'object' || dpop === null) {
    yield '`dpop` must be `false`, or an object such as `{ required: true }`'
    return
  }
  for (const key of Object.keys(dpop)) {
    if (!Object.hasOwn(KEYS, key)) yield `\`dpop.${key}\` is not known: there are ${Object.keys(KEYS).join(', ')}`
  }
  const { required, replays, nonceKey }: { readonly [key in keyof DpopOptions]?: unknown } = dpop
  if (required !== undefined && typeof required !== 'boolean') yield '`dpop.required` must be true or false'
  if (replays !== undefined && typeof (replays as Partial<ReplayStore> | null)?.spend !== 'function') {
    yield '`dpop.replays` must be an object with `spend`'
  }
  if (nonceKey !== undefined && !(nonceKey instanceof Uint8Array && nonceKey.length >= 32)) {
    yield '`dpop.nonceKey` must be at least 32 bytes, and the same in all processes behind one address'
  }
}

export interface Proofs {
  /** What is wrong with the proof of a request that shows a token bound to `jkt`; undefined when nothing is. */
  readonly check: (request: Incoming, token: string, jkt: string) => Promise<ProofFailure | undefined>
  /** The nonce for the next proof, with every answer to a request with one (RFC 9449 §8.2). */
  readonly headers: (request: Incoming) => Promise<Readonly<Record<string, string>>>
}

/** Makes the check of proofs: the rules of the authorization server, for the address that is configured (§4.3). */
export function createProofs({ dpop, resource, clock }: Settings): Proofs {
  const nonces = dpop?.nonceKey && createNonces(dpop.nonceKey, clock)

  return {
    async check(request, token, jkt) {
      const proof = request.headers.get('dpop')
      if (proof === null || dpop === undefined) return 'missing'
      const checked = await checkProof(proof, {
        method: request.method,
        // What a Host header says proves nothing.
        uri: resource,
        nowSeconds: clock() / 1000,
        needsNonce: nonces !== undefined,
        // Where none are given, one that somebody else gave says nothing.
        isRecentNonce: (await nonces?.recent()) ?? (() => true),
        accessToken: token,
      })
      if (!checked.ok) return checked.error
      if (checked.value.jkt !== jkt) return 'key'
      const { jti, iat } = checked.value
      const expiresAt = Math.ceil((iat + PROOF_WINDOW_SECONDS) * 1000) + 1
      return (await dpop.replays.spend({ jkt, jti, expiresAt })) ? undefined : 'replayed'
    },
    async headers({ headers }) {
      return nonces && headers.get('dpop') !== null ? { 'dpop-nonce': await nonces.current() } : {}
    },
  }
}
