import type { Realm } from '../../realm.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import type { Position } from '../../store/repositories/page.ts'
import type { AuditPosition } from '../../store/repositories/personal-data.ts'
import type { Subject } from '../../store/repositories/subjects.ts'

const ROWS_AT_ONCE = 500
const VERSION = 1

/**
 * Everything that is stored about a person, as the text of one JSON document, in pieces. Times are ISO 8601. Left out is what
 * says nothing to the person and something to a thief: hashes of secrets, keys, and counters of failed logins, which are kept
 * under a name that only this server can compute.
 */
export async function* exportPerson(realm: Realm, subject: Subject): AsyncGenerator<string> {
  const known = await realm.read((t) => smallParts(realm, t, subject))
  yield `${JSON.stringify(known, null, 2).slice(0, -2)},\n`
  yield* list('tool_calls', toolCalls(realm, subject.id))
  yield ',\n'
  yield* list('audit', auditEvents(realm, subject.id))
  yield '\n}\n'
}

async function smallParts(realm: Realm, t: InTenant, { id, password_hash, ...subject }: Subject) {
  const definition = await t.subjectDefinitions.find(id)
  return {
    permitry_export: VERSION,
    issuer: realm.issuer,
    exported_at: timeOf(realm.now()),
    person: {
      id,
      username: subject.username,
      name: subject.name,
      email: subject.email,
      status: subject.status,
      has_password: password_hash !== null,
      created_at: timeOf(subject.created_at),
      updated_at: timeOf(subject.updated_at),
      roles: definition?.roles ?? [],
      groups: definition?.groups ?? [],
      all_roles: await t.subjects.roles(id),
      agents: await t.agents.ownedBy(id),
    },
    sessions: (await t.personalData.sessions(id)).map(readable),
    known_browsers: (await t.personalData.devices(id)).map(readable),
    grants: (await t.personalData.grants(id)).map(readable),
    authorizations: (await t.personalData.families(id)).map(readable),
  }
}

async function* toolCalls(realm: Realm, subjectId: string): AsyncGenerator<object> {
  let behind: Position | undefined
  do {
    const position = behind
    const { items, next } = await realm.read((t) => t.decisions.page({ subjectId, most: ROWS_AT_ONCE }, position))
    for (const { id, serverId, itemType, itemName, at, outcome, reasons, action, ...call } of items)
      yield {
        id,
        server_id: serverId,
        client_id: call.clientId,
        type: itemType,
        name: itemName,
        action,
        at: timeOf(at),
        received_at: timeOf(call.receivedAt),
        outcome,
        reasons,
        object: call.object,
        scopes: call.scopes,
        authorization: call.familyId,
        token_id: call.tokenId,
      }
    behind = next
  } while (behind)
}

async function* auditEvents(realm: Realm, subjectId: string): AsyncGenerator<object> {
  let after: AuditPosition | undefined = { stream: '', seq: 0 }
  while (after) {
    const position: AuditPosition = after
    const events = await realm.read((t) => t.personalData.audit(subjectId, position, ROWS_AT_ONCE))
    yield* events.map(readable)
    after = events.length < ROWS_AT_ONCE ? undefined : events.at(-1)
  }
}

async function* list(name: string, items: AsyncIterable<object>): AsyncGenerator<string> {
  yield `  ${JSON.stringify(name)}: [`
  let separator = '\n    '
  for await (const item of items) {
    yield separator + JSON.stringify(item)
    separator = ',\n    '
  }
  yield '\n  ]'
}

/** Columns that hold JSON text or times, as what they stand for. */
const JSON_COLUMNS = /^(amr|scopes|identity_scopes|wording|seen_versions|detail|personal)$/
const TIME_COLUMNS = /(_at|_time|^at)$/

function readable(row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (typeof value === 'string' && value !== '' && JSON_COLUMNS.test(column))
        return [column, JSON.parse(value) as unknown]
      if (typeof value === 'number' && TIME_COLUMNS.test(column)) return [column, timeOf(value)]
      return [column, value]
    }),
  )
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
