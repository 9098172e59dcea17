import type { AuditEventTable } from '../store/audit-schema.ts'
import type { Store } from '../store/store.ts'
import { eventHash } from './chain.ts'
import { eventsOf } from './export.ts'
import type { Report } from './findings.ts'
import type { AuditLineOf } from './line.ts'
import { commitTo, type Commitments } from './personal.ts'

const PAGE = 500

/** Compares the database with a file, event by event in the order of the file. What was added after the export is not looked at. */
export function createDatabaseVerifier(store: Store, report: Report) {
  let events = createCursor<AuditEventTable>(nothing())
  let clearTexts = createCursor<ClearText>(nothing())

  return {
    async checkpoint({ tenant, number, signature }: AuditLineOf<'checkpoint'>): Promise<void> {
      const row = await store.read((db) =>
        db
          .selectFrom('audit_checkpoints')
          .select('signature')
          .where('tenant', '=', tenant)
          .where('number', '=', number)
          .executeTakeFirst(),
      )
      if (!row) report('missing', `checkpoint ${number} is missing in the database`)
      else if (row.signature !== signature) report('changed', `checkpoint ${number} is another one in the database`)
    },

    stream({ tenant, id }: AuditLineOf<'stream'>): void {
      events = createCursor(eventsOf(store, tenant, id))
      clearTexts = createCursor(clearTextsOf(store, tenant, id))
    },

    async event({ stream, seq, hash }: AuditLineOf<'event'>): Promise<void> {
      const name = `event ${seq} of stream ${stream}`
      const row = await events.seek(seq)
      const clearText = await clearTexts.seek(seq)
      if (!row) return report('missing', `${name} is missing in the database`)
      if (row.hash !== hash || eventHash(row) !== hash)
        return report('changed', `${name} is another one in the database`)
      if (clearText && !isCommitted(row, clearText)) {
        report('changed', `the personal data of ${name} are not what the chain committed to`)
      } else if (!clearText && row.personal !== null && !(await isErased(store, row.tenant, row.personal))) {
        report('missing', `the personal data of ${name} are missing though their person was not erased`)
      }
    },
  }
}

interface ClearText {
  readonly tenant: string
  readonly stream: string
  readonly seq: number
  readonly fields: string
  readonly salt: string
}

function isCommitted({ personal }: AuditEventTable, { salt, fields, ...position }: ClearText): boolean {
  if (personal === null) return false
  const committed = JSON.parse(personal) as Commitments
  const recomputed = commitTo(salt, position, parseFields(fields))
  return JSON.stringify(committed.fields) === JSON.stringify(recomputed)
}

/** Nothing vouches for this text before it has been compared: what is not even JSON is no field at all. */
function parseFields(fields: string): Record<string, string> {
  try {
    return JSON.parse(fields) as Record<string, string>
  } catch {
    return {}
  }
}

async function isErased(store: Store, tenant: string, personal: string): Promise<boolean> {
  const { person } = JSON.parse(personal) as Commitments
  const salt = await store.read((db) =>
    db
      .selectFrom('audit_persons')
      .select('salt')
      .where('tenant', '=', tenant)
      .where('id', '=', person)
      .executeTakeFirst(),
  )
  return salt === undefined
}

async function* clearTextsOf(store: Store, tenant: string, stream: string): AsyncGenerator<ClearText> {
  for (let seq = 0; ;) {
    const after = seq
    const rows = await store.scan((db) =>
      db
        .selectFrom('audit_personal as c')
        .innerJoin('audit_persons as p', (join) =>
          join.onRef('p.tenant', '=', 'c.tenant').onRef('p.id', '=', 'c.person'),
        )
        .select(['c.tenant', 'c.stream', 'c.seq', 'c.fields', 'p.salt'])
        .where('c.tenant', '=', tenant)
        .where('c.stream', '=', stream)
        .where('c.seq', '>', after)
        .orderBy('c.seq')
        .limit(PAGE),
    )
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    seq = last.seq
  }
}

async function* nothing(): AsyncGenerator<never> {}

/** Walks rows of growing `seq` beside another list of them: `seek` finds the row of a `seq`, which never becomes smaller. */
function createCursor<Row extends { readonly seq: number }>(rows: AsyncGenerator<Row>) {
  let current: Row | undefined
  return {
    async seek(seq: number): Promise<Row | undefined> {
      while (!current || current.seq < seq) {
        const next = await rows.next()
        if (next.done) return undefined
        current = next.value
      }
      return current.seq === seq ? current : undefined
    },
  }
}
