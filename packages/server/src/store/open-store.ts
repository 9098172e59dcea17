import { migrateEngine, openEngine } from './engine/open-engine.ts'
import { migrations } from './migrations/index.ts'
import type { Database } from './schema.ts'
import { tellRevocations } from './revoked.ts'
import type { Store } from './store.ts'

export interface StoreOptions {
  /** `postgres://…`, or the path of an SQLite file in a folder that exists. */
  url: string
}

/** Holds the locks of a group for some ten milliseconds at most, and gains nearly all that grouping can. */
const MAX_GROUP = 64

/** Opens the database. SQLite is migrated first; PostgreSQL is refused until `migrateStore` has run. */
export async function openStore({ url }: StoreOptions): Promise<Store> {
  return tellRevocations(await openEngine<Database>({ url, migrations, maxGroup: MAX_GROUP }))
}

/** `permitry migrate`: brings the database to our schema and returns the names of the migrations that ran. */
export function migrateStore({ url }: StoreOptions): Promise<string[]> {
  return migrateEngine({ url, migrations, maxGroup: MAX_GROUP })
}
