import type { Rows } from './rows.ts'

interface Entry {
  readonly value: string
  readonly expiresAt: number | undefined
}

/** Rows in this process: gone at its end, and not shared with other processes. */
export function memoryRows(now: () => number = Date.now): Rows {
  const entries = new Map<string, Entry>()
  // A read does not sweep: whoever writes pays, so that abandoned logins cannot pile up.
  const sweep = (): void => {
    for (const [key, { expiresAt }] of entries) if (expiresAt !== undefined && expiresAt <= now()) entries.delete(key)
  }
  return {
    async get(key) {
      return entries.get(key)?.value
    },
    async replace(key, before, after, expiresAt) {
      if (entries.get(key)?.value !== before) return false
      if (after === undefined) entries.delete(key)
      else entries.set(key, { value: after, expiresAt })
      sweep()
      return true
    },
    async keys(prefix) {
      return [...entries.keys()].filter((key) => key.startsWith(prefix))
    },
  }
}
