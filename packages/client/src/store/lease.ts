import { randomText } from '../base64url.ts'
import { rowOf } from './keys.ts'
import type { Store } from './store.ts'

interface Lease {
  readonly holder: string
  readonly until: number
}

export interface LeaseOptions {
  readonly store: Store
  readonly now: () => number
  /** Longer than what is done under it can take: another process takes over when it has passed. */
  readonly milliseconds: number
}

/**
 * Runs a function while no other process that shares the store runs one for the same row. Waiting processes look again
 * every few milliseconds. The lease is a courtesy and not a proof: whoever writes still compares and replaces.
 */
export async function withLease<T>(row: string, options: LeaseOptions, work: () => Promise<T>): Promise<T> {
  const { store, now, milliseconds } = options
  const key = rowOf.lease(row)
  const holder = randomText()
  for (;;) {
    const held = await store.read<Lease>(key)
    if (held === undefined || isOver(held.value, options)) {
      const until = now() + milliseconds
      if (await store.write(key, held, { holder, until } satisfies Lease, until)) break
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
  try {
    return await work()
  } finally {
    const held = await store.read<Lease>(key)
    if (held?.value.holder === holder) await store.remove(key, held)
  }
}

/** One that lasts longer than any could was written by a clock that was wrong, or that was set back since. */
function isOver({ until }: Lease, { now, milliseconds }: LeaseOptions): boolean {
  return until <= now() || until > now() + 2 * milliseconds
}

const LOOK_AGAIN_MS = 25
