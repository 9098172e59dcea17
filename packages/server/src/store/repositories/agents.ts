import type { Db } from './database.ts'
import { putSubjectWords } from './subject-words.ts'

/** A client that acts for itself, as a subject with roles (docs/adr/0008). Its id is that of the client. */
export interface Agent {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  /** The person who answers for it. */
  readonly owner: string | null
}

export const agents = (db: Db, tenant: string) => ({
  all: () => readAgents(db, tenant),

  async find(id: string): Promise<Agent | undefined> {
    return (await readAgents(db, tenant, id))[0]
  },

  /** Makes the agent, or replaces its name, owner and roles; its status stays. */
  async put({ id, name, owner, roles }: Agent, now: number): Promise<void> {
    const facts = { name, owner_id: owner, updated_at: now }
    await db
      .insertInto('subjects')
      .values({ tenant, id, kind: 'agent', status: 'active', created_at: now, ...facts })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'id']).doUpdateSet(facts).where('subjects.kind', '=', 'agent'),
      )
      .execute()
    await putSubjectWords(db, tenant, { id, kind: 'agent', name, username: null, email: null })
    await db.deleteFrom('subject_roles').where('tenant', '=', tenant).where('subject_id', '=', id).execute()
    const held = roles.map((role_id) => ({ tenant, subject_id: id, role_id }))
    if (held.length > 0) await db.insertInto('subject_roles').values(held).execute()
  },

  async remove(id: string): Promise<void> {
    await db
      .deleteFrom('subjects')
      .where('tenant', '=', tenant)
      .where('kind', '=', 'agent')
      .where('id', '=', id)
      .execute()
  },

  /** The agents that a person answers for. */
  async ownedBy(owner: string): Promise<string[]> {
    const rows = await db
      .selectFrom('subjects')
      .select('id')
      .where('tenant', '=', tenant)
      .where('kind', '=', 'agent')
      .where('owner_id', '=', owner)
      .orderBy('id')
      .execute()
    return rows.map(({ id }) => id)
  },
})

async function readAgents(db: Db, tenant: string, id?: string): Promise<Agent[]> {
  const agents = db.selectFrom('subjects').selectAll().where('tenant', '=', tenant).where('kind', '=', 'agent')
  const roles = db.selectFrom('subject_roles').selectAll().where('tenant', '=', tenant).orderBy('role_id')
  const one = id !== undefined
  const of = Map.groupBy(await (one ? roles.where('subject_id', '=', id) : roles).execute(), (row) => row.subject_id)
  const rows = await (one ? agents.where('id', '=', id) : agents).orderBy('id').execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    roles: (of.get(row.id) ?? []).map(({ role_id }) => role_id),
    owner: row.owner_id,
  }))
}
