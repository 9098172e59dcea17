import type { TestContext } from 'node:test'
import { sql, type Transaction } from 'kysely'
import type { Engine } from '../engine/engine.ts'
import type { Migrations } from '../engine/migrate.ts'
import { migrateEngine, openEngine, type EngineOptions } from '../engine/open-engine.ts'
import { atTheEnd, type EmptyDatabase } from './databases.ts'

/** The engine's tests bring their own schema: slips of paper that can be used once. */
export interface Slips {
  slips: { id: string; used_by: string | null; made_at: number }
  /** The reference to a slip is checked at COMMIT, which a test can so make fail. */
  pins: { slip_id: string }
}

export const slipMigrations: Migrations = {
  '0001-slips': {
    async up(db) {
      await sql`create table slips (id text primary key, used_by text, made_at bigint not null)`.execute(db)
      await sql`create table pins (slip_id text references slips (id) deferrable initially deferred)`.execute(db)
    },
  },
}

/** An engine on an empty, migrated database; it is closed when the test ends. */
export async function openSlips(
  t: TestContext,
  emptyDatabase: EmptyDatabase,
  overrides: Partial<EngineOptions> = {},
): Promise<Engine<Slips>> {
  const options = { ...slipOptions(await emptyDatabase(t)), ...overrides }
  await migrateEngine(options)
  const engine = await openEngine<Slips>(options)
  atTheEnd(t, () => engine.close())
  return engine
}

export function slipOptions(url: string): EngineOptions {
  return { url, migrations: slipMigrations, maxGroup: 64 }
}

export async function addSlip(tx: Transaction<Slips>, id: string): Promise<void> {
  await tx.insertInto('slips').values({ id, used_by: null, made_at: 1 }).execute()
}

export async function useSlip(tx: Transaction<Slips>, id: string, user: string): Promise<boolean> {
  const used = await tx
    .updateTable('slips')
    .set({ used_by: user })
    .where('id', '=', id)
    .where('used_by', 'is', null)
    .execute()
  return used[0]?.numUpdatedRows === 1n
}

export async function slipIds(engine: Engine<Slips>): Promise<string[]> {
  const rows = await engine.read((db) => db.selectFrom('slips').select('id').orderBy('id').execute())
  return rows.map(({ id }) => id)
}
