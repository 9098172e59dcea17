import type { InTenant } from '../store/in-tenant.ts'
import type { LoginFailures } from '../store/repositories/login-failures.ts'

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 15 * 60_000
const FORGOTTEN_AFTER_MS = 24 * 3_600_000

/** What failed attempts are counted under, and how many of them cost no wait. */
export interface Limit {
  readonly key: string
  readonly free: number
}

/** A key as it was before an attempt was counted under it. */
export interface Counted {
  readonly key: string
  readonly before: LoginFailures
  readonly at: number
}

export type Admission =
  | { readonly admitted: true; readonly counted: readonly Counted[] }
  | { readonly admitted: false; readonly waitSeconds: number }

/** How long to wait after the last of so many failures: twice as long each time, up to a quarter of an hour. */
export function delayAfter(failures: number, free: number): number {
  return failures < free ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - free), LONGEST_DELAY_MS)
}

/**
 * Counts an attempt as failed before it is made, or refuses it because a key must wait. Of parallel attempts each meets
 * the failure of the one before it, so a burst gains nothing. A refused attempt counts nowhere: it tried no password,
 * and a stranger could otherwise keep a wait from ever ending.
 */
export async function admit(t: InTenant, limits: readonly Limit[], now: number): Promise<Admission> {
  const keys: (Counted & { waitMs: number })[] = []
  for (const { key, free } of limits.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const stored = await t.loginFailures.lock(key)
    const before = stored.lastAt < now - FORGOTTEN_AFTER_MS ? { failures: 0, lastAt: 0 } : stored
    const delay = delayAfter(before.failures, free)
    // Never longer than the delay itself: after a clock that went back a failure lies in the future.
    keys.push({ key, before, at: now, waitMs: Math.min(delay, before.lastAt + delay - now) })
  }
  const waitMs = Math.max(...keys.map((key) => key.waitMs))
  if (waitMs > 0) return { admitted: false, waitSeconds: Math.ceil(waitMs / 1000) }
  for (const { key, before } of keys) await t.loginFailures.put(key, { failures: before.failures + 1, lastAt: now })
  // Only now: until it was counted, a key that this attempt has made looks as forgotten as those that are swept away.
  for (const { key, before } of keys)
    if (before.failures === 0) await t.loginFailures.sweepBeside(key, now - FORGOTTEN_AFTER_MS)
  return { admitted: true, counted: keys }
}

/**
 * Takes back an attempt that was no failure, and nothing else: who can sign in to one account must not be able to wash
 * away the guesses made on others, or on that one by somebody else.
 */
export async function giveBack(t: InTenant, counted: readonly Counted[]): Promise<void> {
  for (const { key, before, at } of counted) {
    const { failures, lastAt } = await t.loginFailures.lock(key)
    await t.loginFailures.put(key, {
      failures: Math.max(0, failures - 1),
      lastAt: lastAt === at ? before.lastAt : lastAt,
    })
  }
}
