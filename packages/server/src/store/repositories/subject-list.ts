import type { SubjectTable } from '../schema.ts'
import type { Db } from './database.ts'
import { type Page, pageOf, type Position } from './page.ts'
import { fold, inHex, type Named } from './subject-words.ts'

/** Which people or agents to list. */
export interface SubjectFilter {
  readonly kind: SubjectTable['kind']
  /** The beginning of a name, of a word of it, of the user name or of the address; empty for all. */
  readonly startsWith: string
  readonly behind: Position | undefined
  readonly most: number
}

/** A person or an agent as a list shows it. */
export interface ListedSubject extends Named {
  readonly status: SubjectTable['status']
  readonly hasPassword: boolean
  readonly ownerId: string | null
  /** Their own, without those of groups. */
  readonly roles: readonly string[]
  readonly groups: readonly string[]
}

export const subjectList = (db: Db, tenant: string) => ({
  /** Ids in the order of what was found, of all of them in the order of names; each of them once. */
  async page({ kind, startsWith, behind, most }: SubjectFilter): Promise<Page<string>> {
    const prefix = inHex(fold(startsWith))
    const rows = await db
      .selectFrom('subject_words as found')
      .select(['found.word', 'found.subject_id'])
      .where('found.tenant', '=', tenant)
      .where('found.kind', '=', kind)
      .where('found.used_for', '=', prefix === '' ? 'order' : 'search')
      .$if(prefix !== '', (query) =>
        query
          .where('found.word', '>=', prefix)
          .where('found.word', '<', `${prefix}g`)
          .where((eb) =>
            eb.not(
              eb.exists(
                eb
                  .selectFrom('subject_words as earlier')
                  .select('earlier.word')
                  .whereRef('earlier.tenant', '=', 'found.tenant')
                  .whereRef('earlier.subject_id', '=', 'found.subject_id')
                  .where('earlier.used_for', '=', 'search')
                  .where('earlier.word', '>=', prefix)
                  .whereRef('earlier.word', '<', 'found.word'),
              ),
            ),
          ),
      )
      .$if(behind !== undefined, (query) =>
        query.where((eb) =>
          eb(eb.refTuple('found.word', 'found.subject_id'), '>', eb.tuple(String(behind?.[0]), String(behind?.[1]))),
        ),
      )
      .orderBy('found.word')
      .orderBy('found.subject_id')
      .limit(most + 1)
      .execute()
    const { items, next } = pageOf(rows, most, ({ word, subject_id }) => [word, subject_id])
    return { items: items.map(({ subject_id }) => subject_id), next }
  },

  /** Some subjects with their own roles and groups, in the order of the ids. */
  async rows(ids: readonly string[]): Promise<ListedSubject[]> {
    if (ids.length === 0) return []
    const own = db.selectFrom('subject_roles').selectAll().where('tenant', '=', tenant)
    const joined = db.selectFrom('group_members').selectAll().where('tenant', '=', tenant)
    const found = await db
      .selectFrom('subjects')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', 'in', ids)
      .execute()
    const roles = await own.where('subject_id', 'in', ids).orderBy('role_id').execute()
    const groups = await joined.where('subject_id', 'in', ids).orderBy('group_id').execute()
    const byId = new Map(found.map((row) => [row.id, row]))
    return ids.flatMap((id): ListedSubject[] => {
      const row = byId.get(id)
      if (!row) return []
      return [
        {
          id,
          kind: row.kind,
          username: row.username,
          name: row.name,
          email: row.email,
          status: row.status,
          hasPassword: row.password_hash !== null,
          ownerId: row.owner_id,
          roles: roles.filter(({ subject_id }) => subject_id === id).map(({ role_id }) => role_id),
          groups: groups.filter(({ subject_id }) => subject_id === id).map(({ group_id }) => group_id),
        },
      ]
    })
  },

  /** The roles of a subject by id, and through which groups it holds each. */
  async heldRoles(subjectId: string) {
    const own = await db
      .selectFrom('subject_roles')
      .innerJoin('roles', (join) =>
        join.onRef('roles.tenant', '=', 'subject_roles.tenant').onRef('roles.id', '=', 'subject_roles.role_id'),
      )
      .select(['roles.id', 'roles.name'])
      .where('subject_roles.tenant', '=', tenant)
      .where('subject_roles.subject_id', '=', subjectId)
      .execute()
    const inherited = await db
      .selectFrom('group_members')
      .innerJoin('groups', (join) =>
        join.onRef('groups.tenant', '=', 'group_members.tenant').onRef('groups.id', '=', 'group_members.group_id'),
      )
      .innerJoin('group_roles', (join) =>
        join.onRef('group_roles.tenant', '=', 'groups.tenant').onRef('group_roles.group_id', '=', 'groups.id'),
      )
      .innerJoin('roles', (join) =>
        join.onRef('roles.tenant', '=', 'groups.tenant').onRef('roles.id', '=', 'group_roles.role_id'),
      )
      .select(['roles.id', 'roles.name', 'groups.id as group_id', 'groups.name as group_name'])
      .where('group_members.tenant', '=', tenant)
      .where('group_members.subject_id', '=', subjectId)
      .execute()
    const ids = [...new Set([...own, ...inherited].map(({ id }) => id))].toSorted()
    return ids.map((id) => {
      const through = inherited.filter((row) => row.id === id)
      const mine = own.find((row) => row.id === id)
      return {
        id,
        name: mine?.name ?? through[0]?.name ?? id,
        own: mine !== undefined,
        groups: Object.fromEntries(through.map(({ group_id, group_name }) => [group_id, group_name])),
      }
    })
  },

  /** Ids of whoever holds a role, by themselves or through a group, in the order of ids. */
  async holders(roleId: string, behind: Position | undefined, most: number): Promise<Page<string>> {
    const after = String(behind?.[0] ?? '')
    const own = db
      .selectFrom('subject_roles')
      .select('subject_id')
      .where('tenant', '=', tenant)
      .where('role_id', '=', roleId)
      .where('subject_id', '>', after)
      .orderBy('subject_id')
      .limit(most + 1)
    const throughGroups = db
      .selectFrom('group_roles')
      .innerJoin('group_members', (join) =>
        join
          .onRef('group_members.tenant', '=', 'group_roles.tenant')
          .onRef('group_members.group_id', '=', 'group_roles.group_id'),
      )
      .select('group_members.subject_id')
      .distinct()
      .where('group_roles.tenant', '=', tenant)
      .where('group_roles.role_id', '=', roleId)
      .where('group_members.subject_id', '>', after)
      .orderBy('group_members.subject_id')
      .limit(most + 1)
    const rows = await db
      .selectFrom(own.as('own'))
      .select('own.subject_id')
      .union(db.selectFrom(throughGroups.as('inherited')).select('inherited.subject_id'))
      .orderBy('subject_id')
      .limit(most + 1)
      .execute()
    const ids = rows.map(({ subject_id }) => subject_id)
    return pageOf(ids, most, (id) => [id])
  },

  /** Ids of whoever is in a group, in the order of ids. */
  async members(groupId: string, behind: Position | undefined, most: number): Promise<Page<string>> {
    const rows = await db
      .selectFrom('group_members')
      .select('subject_id')
      .where('tenant', '=', tenant)
      .where('group_id', '=', groupId)
      .where('subject_id', '>', String(behind?.[0] ?? ''))
      .orderBy('subject_id')
      .limit(most + 1)
      .execute()
    const ids = rows.map(({ subject_id }) => subject_id)
    return pageOf(ids, most, (id) => [id])
  },
})
