import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openStore } from './open-store.ts'
import { atTheEnd, emptySqlite } from './testing/databases.ts'

/** The sections of docs/reference/storage.md by each table that their heading names. */
async function sectionsByTable(): Promise<Map<string, string>> {
  const page = await readFile(new URL('../../../../docs/reference/storage.md', import.meta.url), 'utf8')
  const sections = page.split(/^##+ /m).map((section) => [section.split('\n')[0] ?? '', section] as const)
  return new Map(
    sections.flatMap(([heading, section]) =>
      [...heading.matchAll(/`(\w+)`/g)].map(([, table = '']) => [table, section]),
    ),
  )
}

test('the storage page tells of every table and every column, and of none that is not there', async (t) => {
  const store = await openStore({ url: await emptySqlite(t) })
  atTheEnd(t, () => store.close())
  const columns = await store.scan((db) =>
    db
      .selectFrom(
        sql<{
          tbl: string
          col: string
        }>`(select m.name as tbl, c.name as col from sqlite_master m, pragma_table_info(m.name) c
          where m.type = 'table' and m.name not like 'kysely%')`.as('columns'),
      )
      .selectAll(),
  )
  const sections = await sectionsByTable()
  assert.deepEqual(new Set(sections.keys()), new Set(columns.map(({ tbl }) => tbl)))
  const untold = columns.filter(({ tbl, col }) => col !== 'tenant' && !sections.get(tbl)?.includes(`\`${col}\``))
  assert.deepEqual(untold, [])
})
