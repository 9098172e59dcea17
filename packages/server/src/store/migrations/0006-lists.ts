import { sql, type Kysely } from 'kysely'
import type { Database } from '../schema.ts'
import { subjectWords } from '../repositories/subject-words.ts'

/** What lists that operators page through need, so that no page of them reads a whole table. */
const statements = `
create table subject_words (
  tenant text not null, subject_id text not null, kind text not null, used_for text not null, word text not null,
  primary key (tenant, subject_id, used_for, word),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create index subject_words_by_word on subject_words (tenant, kind, used_for, word, subject_id);
create index subjects_by_owner on subjects (tenant, owner_id) where owner_id is not null;
create index subject_roles_by_role on subject_roles (tenant, role_id, subject_id);
create index group_members_by_group on group_members (tenant, group_id, subject_id);
create index client_servers_by_server on client_servers (tenant, server_id, client_id);
create index grants_by_time on grants (tenant, created_at, id) where ended_at is null;
create index grants_by_client_and_time on grants (tenant, client_id, created_at, id) where ended_at is null;
create index grants_by_server_and_time on grants (tenant, server_id, created_at, id) where ended_at is null;
create index sessions_by_time on sessions (tenant, auth_time, id) where ended_at is null;
create index sessions_by_subject on sessions (tenant, subject_id, auth_time, id);
create index audit_events_by_time on audit_events (tenant, at);
create index audit_events_by_type on audit_events (tenant, type, at);
create index audit_events_by_subject on audit_events (tenant, subject_id, at) where subject_id is not null;
create index audit_events_by_client on audit_events (tenant, client_id, at) where client_id is not null`

const PAGE = 500

export async function up(db: Kysely<Database>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
  await addWords(db)
}

/** Names, user names and addresses of whoever is there already. */
async function addWords(db: Kysely<Database>): Promise<void> {
  let last = { tenant: '', id: '' }
  for (;;) {
    const { tenant, id } = last
    const rows = await db
      .selectFrom('subjects')
      .select(['tenant', 'id', 'kind', 'name', 'username', 'email'])
      .where((eb) => eb(eb.refTuple('tenant', 'id'), '>', eb.tuple(tenant, id)))
      .orderBy('tenant')
      .orderBy('id')
      .limit(PAGE)
      .execute()
    const words = rows.flatMap((row) => subjectWords(row).map((word) => ({ ...word, tenant: row.tenant })))
    for (let start = 0; start < words.length; start += PAGE)
      await db
        .insertInto('subject_words')
        .values(words.slice(start, start + PAGE))
        .execute()
    const next = rows.at(-1)
    if (next === undefined) return
    last = next
  }
}
