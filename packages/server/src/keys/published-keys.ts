import type { Outbound } from '../outbound/outbound.ts'
import { type ClientKey, MAX_JWKS_BYTES, parseClientKeys, selectClientKey } from './client-keys.ts'

/** How long fetched keys serve: as HTTP says, within these bounds. A key that a client takes back works for an hour at most. */
const MIN_FRESH_MS = 60_000
const MAX_FRESH_MS = 3_600_000
const DEFAULT_FRESH_MS = 300_000
/** Whoever sends a `kid` that nobody has, or meets a host that is down, makes us fetch no more often than this. */
const MIN_INTERVAL_MS = 10_000
const MAX_SETS = 500

interface KeySet {
  /** Empty when there was no good answer. */
  readonly keys: readonly ClientKey[]
  readonly fetchedAt: number
  readonly freshUntil: number
}

/**
 * The keys that clients publish under a `jwks_uri`, fetched when they are needed. Kept in memory while they are fresh and never
 * longer: when they cannot be had again, nobody is let in by old ones.
 */
export class PublishedKeys {
  readonly #outbound: Outbound
  readonly #now: () => number
  readonly #sets = new Map<string, KeySet>()
  readonly #underway = new Map<string, Promise<KeySet>>()

  constructor(outbound: Outbound, now: () => number) {
    this.#outbound = outbound
    this.#now = now
  }

  /** The key at `uri` for a signature. A `kid` that is not among the kept keys may be a new one, so they are fetched once more. */
  async find(uri: string, wanted: { readonly kid?: string | undefined; readonly alg: string }) {
    const kept = this.#sets.get(uri)
    const isFresh = kept !== undefined && isFreshAt(kept, this.#now())
    const key = isFresh ? selectClientKey(kept.keys, wanted) : undefined
    if (key || (isFresh && (wanted.kid === undefined || this.#now() < kept.fetchedAt + MIN_INTERVAL_MS))) return key
    return selectClientKey((await this.#fetch(uri)).keys, wanted)
  }

  /** One fetch at a time for each address, however many requests wait for it. */
  #fetch(uri: string): Promise<KeySet> {
    const fetching = this.#underway.get(uri) ?? this.#load(uri).finally(() => this.#underway.delete(uri))
    this.#underway.set(uri, fetching)
    return fetching
  }

  async #load(uri: string): Promise<KeySet> {
    const accept = 'application/jwk-set+json, application/json'
    const fetched = await this.#outbound.get(uri, { accept, maxBytes: MAX_JWKS_BYTES })
    const fetchedAt = this.#now()
    const document = fetched.ok && fetched.value.status === 200 ? fetched.value : undefined
    const keys = document && parseClientKeys(new TextDecoder().decode(document.body))
    const kept = this.#sets.get(uri)
    const set: KeySet =
      document && keys?.ok
        ? { keys: keys.value, fetchedAt, freshUntil: fetchedAt + freshness(document.headers) }
        : // A stranger's made-up `kid` has us ask a host that happens to be down: that takes nothing from keys that are fresh.
          kept && isFreshAt(kept, fetchedAt)
          ? { ...kept, fetchedAt }
          : { keys: [], fetchedAt, freshUntil: fetchedAt + MIN_INTERVAL_MS }
    this.#sets.delete(uri)
    const [oldest] = this.#sets.keys()
    if (oldest !== undefined && this.#sets.size >= MAX_SETS) this.#sets.delete(oldest)
    this.#sets.set(uri, set)
    return set
  }
}

/** Keys of before a clock that went back are not fresh: nobody knows how old they are. */
function isFreshAt({ fetchedAt, freshUntil }: KeySet, now: number): boolean {
  return fetchedAt <= now && now < freshUntil
}

/** RFC 9111 §5.2.2.1, without heuristics. */
function freshness(headers: Headers): number {
  const control = headers.get('cache-control') ?? ''
  if (/\bno-(store|cache)\b/i.test(control)) return MIN_FRESH_MS
  const seconds = /\bmax-age=(\d{1,9})\b/i.exec(control)?.[1]
  const age = Number(/^\d{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? 0)
  if (seconds === undefined) return DEFAULT_FRESH_MS
  return Math.min(Math.max((Number(seconds) - age) * 1000, MIN_FRESH_MS), MAX_FRESH_MS)
}
