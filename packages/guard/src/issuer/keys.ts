import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { isRecord } from '../message.ts'
import { fetchJson } from './metadata.ts'
import { IssuerUnavailable } from './unavailable.ts'

/** Keys that are younger are taken without asking. */
const FRESH_MS = 10 * 60_000
/** While the issuer does not answer, keys serve until this age: a removed key must not live on because of an outage. */
const STALE_MS = 60 * 60_000
/** Least time between two fetches, so that tokens with made-up key ids cannot make us flood the issuer. */
const COOLDOWN_MS = 30_000
/** The same after a failure: shorter, since nobody is served meanwhile. */
const RETRY_MS = 2_000

/** Nothing was asked yet. */
const NEVER = { at: -Infinity, pause: 0 }

interface Loaded {
  readonly find: JWTVerifyGetKey
  readonly at: number
}

/** Where keys come from, and what they need. */
export interface KeyOptions {
  readonly issuer: string
  /** Finds the URL of the keys. */
  readonly locate: () => Promise<string>
  readonly fetch: typeof fetch
  readonly clock: () => number
  readonly onError: (error: Error) => void
  /** Called with each set of keys that replaces an older one. */
  readonly onReplaced: () => void
}

/** Finds the key of a token. */
export interface Keys extends JWTVerifyGetKey {
  /** Keeps none of the keys that are there, nor those that are on their way: one of them was revoked. */
  readonly forget: () => void
}

/**
 * Finds the key of a token among those that the issuer publishes (`jwks_uri`); nothing in a token says where keys come
 * from. Fetched at first use, kept, and fetched again for a key id that is not known.
 */
export function createKeys({ issuer, locate, fetch, clock, onError, onReplaced }: KeyOptions): Keys {
  let loaded: Loaded | undefined
  let loading: Promise<Loaded> | undefined
  let forgotten = 0
  let asked = NEVER

  /** Milliseconds since then. A time that is still to come is long past: the clock has gone back, by who knows how much. */
  const since = (at: number): number => (clock() < at ? Infinity : clock() - at)
  const wasJustAsked = (): boolean => since(asked.at) < asked.pause

  async function load(): Promise<Loaded> {
    const before = forgotten
    asked = { at: clock(), pause: RETRY_MS }
    try {
      const jwks = await fetchJson(await locate(), fetch)
      // createLocalJWKSet checks the shape of the set.
      const next = { find: createLocalJWKSet(withoutWeakKeys(jwks) as unknown as JSONWebKeySet), at: clock() }
      // What was fetched before a key was revoked may still have it.
      if (forgotten !== before) return await reload()
      if (loaded !== undefined) onReplaced()
      loaded = next
      asked = { at: clock(), pause: COOLDOWN_MS }
      return next
    } catch (cause) {
      const error = new IssuerUnavailable(`the keys of ${issuer} could not be had`, { cause })
      onError(error)
      throw error
    }
  }

  /** One fetch for all who wait for it. */
  function reload(): Promise<Loaded> {
    if (loading !== undefined) return loading
    const mine = load().finally(() => {
      if (loading === mine) loading = undefined
    })
    loading = mine
    return mine
  }

  async function current(): Promise<Loaded> {
    const age = loaded === undefined ? Infinity : since(loaded.at)
    if (loaded !== undefined && (age < FRESH_MS || (age < STALE_MS && wasJustAsked()))) return loaded
    if (wasJustAsked() && loading === undefined) throw new IssuerUnavailable(`${issuer} was asked a moment ago`)
    try {
      return await reload()
    } catch (error) {
      if (loaded !== undefined && age < STALE_MS) return loaded
      throw error
    }
  }

  const find: JWTVerifyGetKey = async (header, token) => {
    const keys = await current()
    try {
      return await keys.find(header, token)
    } catch (error) {
      // A key that is not known: ask again, unless the issuer was asked just now.
      if (!(error instanceof errors.JWKSNoMatchingKey) || (wasJustAsked() && loading === undefined)) throw error
      return (await reload()).find(header, token)
    }
  }
  return Object.assign(find, {
    forget() {
      forgotten++
      loaded = undefined
      loading = undefined
      asked = NEVER
      onReplaced()
    },
  })
}

/** 2,048 bits in base64url. */
const MIN_RSA_MODULUS_LENGTH = 342

/** RFC 7518 §3.3: shorter RSA keys verify nothing. jose throws at their use, which would look like a fault of ours. */
function withoutWeakKeys(jwks: Readonly<Record<string, unknown>> | undefined): unknown {
  if (jwks === undefined || !Array.isArray(jwks['keys'])) return jwks
  const isWeak = (key: unknown): boolean =>
    isRecord(key) && key['kty'] === 'RSA' && String(key['n']).length < MIN_RSA_MODULUS_LENGTH
  return { ...jwks, keys: jwks['keys'].filter((key: unknown) => !isWeak(key)) }
}
