import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sql } from 'kysely'
import { openEngine } from '../engine/open-engine.ts'
import { inTenant } from '../in-tenant.ts'
import { migrateStore, openStore } from '../open-store.ts'
import { atTheEnd, emptySqlite } from '../testing/databases.ts'
import { migrations } from './index.ts'

it('whoever was there before lists could be searched is found afterwards', async (t) => {
  const url = await emptySqlite(t)
  const names = Object.keys(migrations).filter((name) => name < '0005')
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => names.includes(name)))
  const old = await openEngine({ url, migrations: before, maxGroup: 1 })
  await old.unit(async (tx) => {
    await sql`insert into tenants values ('default', 'default', 1, 'active', 0)`.execute(tx)
    const rows = Array.from(
      { length: 501 },
      (_, n) => sql`('default', ${`usr_${n}`}, 'person', ${`Person ${n} Ångström`}, 'active', 0, 0)`,
    )
    await sql`insert into subjects (tenant, id, kind, name, status, created_at, updated_at) values ${sql.join(rows)}`.execute(
      tx,
    )
  })
  await old.close()
  await migrateStore({ url })
  const store = await openStore({ url })
  atTheEnd(t, () => store.close())
  const found = await store.read((db) =>
    inTenant(db, 'default').subjectList.page({ kind: 'person', startsWith: 'angs', behind: undefined, most: 600 }),
  )
  assert.equal(found.items.length, 501)
})
