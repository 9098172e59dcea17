import type { TestContext } from 'node:test'
import { migrateStore, openStore } from '../open-store.ts'
import type { Store } from '../store.ts'
import { atTheEnd, type EmptyDatabase } from './databases.ts'

/** The product's own store on an empty, migrated database with some tenants; it is closed when the test ends. */
export async function openTestStore(
  t: TestContext,
  emptyDatabase: EmptyDatabase,
  tenants: readonly string[] = ['default'],
): Promise<Store> {
  const url = await emptyDatabase(t)
  await migrateStore({ url })
  const store = await openStore({ url })
  atTheEnd(t, () => store.close())
  const rows = tenants.map((id) => ({ id, name: id, epoch: 1, status: 'active' as const, created_at: 0 }))
  await store.unit((tx) => tx.insertInto('tenants').values(rows).execute())
  return store
}
