import type { Rows } from './rows.ts'
import type { Sealer } from './seal.ts'

/** A value as it was read; writing it back succeeds only if nobody else wrote in between. */
export interface Stored<T> {
  readonly value: T
  readonly sealed: string
}

/** Rows with sealed JSON in them. Types are those of the writer: the seal proves that it was this package. */
export interface Store {
  read<T>(key: string): Promise<Stored<T> | undefined>
  /** Writes if the row is still what was read (undefined: absent). Returns false when somebody else was faster. */
  write(key: string, read: Stored<unknown> | undefined, value: unknown, expiresAt?: number): Promise<boolean>
  /** Deletes what was read. Of two callers one gets true: the gate for single use. */
  remove(key: string, read: Stored<unknown>): Promise<boolean>
  /** Deletes a row whatever is in it, also when it cannot be opened any more. */
  erase(key: string): Promise<void>
  keys(prefix: string): Promise<string[]>
}

export function createStore(rows: Rows, sealer: Sealer): Store {
  return {
    async read<T>(key: string): Promise<Stored<T> | undefined> {
      const sealed = await rows.get(key)
      return sealed === undefined ? undefined : { value: JSON.parse(await sealer.open(key, sealed)) as T, sealed }
    },
    async write(key, read, value, expiresAt) {
      return rows.replace(key, read?.sealed, await sealer.seal(key, JSON.stringify(value)), expiresAt)
    },
    remove: (key, read) => rows.replace(key, read.sealed, undefined, undefined),
    async erase(key) {
      for (let sealed = await rows.get(key); sealed !== undefined; sealed = await rows.get(key))
        await rows.replace(key, sealed, undefined, undefined)
    },
    keys: (prefix) => rows.keys(prefix),
  }
}

/** Deletes a row whatever is written at the same moment, and gives back what it held. */
export async function removeRow<T>(key: string, store: Store): Promise<T | undefined> {
  for (;;) {
    const stored = await store.read<T>(key)
    if (stored === undefined || (await store.remove(key, stored))) return stored?.value
  }
}
