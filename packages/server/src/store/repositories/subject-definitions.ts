import type { Db } from './database.ts'
import { putSubjectWords } from './subject-words.ts'
import { usernameKey } from './subjects.ts'

/** A person as operators define one. Status and password are acts (suspend, set-password) and not part of it; agents are not people. */
export interface SubjectDefinition {
  readonly id: string
  readonly username: string | null
  readonly name: string
  readonly email: string | null
  readonly roles: readonly string[]
  readonly groups: readonly string[]
}

export interface StoredSubject extends SubjectDefinition {
  readonly hasPassword: boolean
}

export const subjectDefinitions = (db: Db, tenant: string) => ({
  all: () => readDefinitions(db, tenant),

  async find(id: string): Promise<StoredSubject | undefined> {
    return (await readDefinitions(db, tenant, id))[0]
  },

  /** Makes the person, or replaces names, address, roles and groups. */
  async put({ id, username, name, email, roles, groups }: SubjectDefinition, now: number): Promise<void> {
    const facts = {
      username,
      username_key: username === null ? null : usernameKey(username),
      name,
      email,
      updated_at: now,
    }
    await db
      .insertInto('subjects')
      .values({ tenant, id, kind: 'person', password_hash: null, status: 'active', created_at: now, ...facts })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'id']).doUpdateSet(facts).where('subjects.kind', '=', 'person'),
      )
      .execute()
    await putSubjectWords(db, tenant, { id, kind: 'person', name, username, email })
    await db.deleteFrom('subject_roles').where('tenant', '=', tenant).where('subject_id', '=', id).execute()
    await db.deleteFrom('group_members').where('tenant', '=', tenant).where('subject_id', '=', id).execute()
    const held = roles.map((role_id) => ({ tenant, subject_id: id, role_id }))
    if (held.length > 0) await db.insertInto('subject_roles').values(held).execute()
    const joined = groups.map((group_id) => ({ tenant, subject_id: id, group_id }))
    if (joined.length > 0) await db.insertInto('group_members').values(joined).execute()
  },

  /** Frees the user name of a person within a unit that gives out others, so that two people can swap theirs. */
  async releaseUsername(id: string): Promise<void> {
    await db
      .updateTable('subjects')
      .set({ username_key: null })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute()
  },

  /** Gives a person another name. */
  async setName(id: string, name: string, now: number): Promise<void> {
    await db
      .updateTable('subjects')
      .set({ name, updated_at: now })
      .where('tenant', '=', tenant)
      .where('kind', '=', 'person')
      .where('id', '=', id)
      .execute()
  },

  /** Sets a hash; true when the person exists. */
  async setPasswordHash(id: string, hash: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('subjects')
      .set({ password_hash: hash, updated_at: now })
      .where('tenant', '=', tenant)
      .where('kind', '=', 'person')
      .where('id', '=', id)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  /** Changes the status; true when it was the other one until now. */
  async setStatus(id: string, status: 'active' | 'suspended', now: number): Promise<boolean> {
    const result = await db
      .updateTable('subjects')
      .set({ status, updated_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('status', '!=', status)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('subjects').where('tenant', '=', tenant).where('id', '=', id).execute()
  },
})

async function readDefinitions(db: Db, tenant: string, id?: string): Promise<StoredSubject[]> {
  const people = db.selectFrom('subjects').selectAll().where('tenant', '=', tenant).where('kind', '=', 'person')
  const roles = db.selectFrom('subject_roles').selectAll().where('tenant', '=', tenant).orderBy('role_id')
  const groups = db.selectFrom('group_members').selectAll().where('tenant', '=', tenant).orderBy('group_id')
  const one = id !== undefined
  const of = {
    roles: Map.groupBy(await (one ? roles.where('subject_id', '=', id) : roles).execute(), (row) => row.subject_id),
    groups: Map.groupBy(await (one ? groups.where('subject_id', '=', id) : groups).execute(), (row) => row.subject_id),
  }
  const rows = await (one ? people.where('id', '=', id) : people).orderBy('id').execute()
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    name: row.name,
    email: row.email,
    roles: (of.roles.get(row.id) ?? []).map(({ role_id }) => role_id),
    groups: (of.groups.get(row.id) ?? []).map(({ group_id }) => group_id),
    hasPassword: row.password_hash !== null,
  }))
}
