import { sql, type Kysely } from 'kysely'

/** What guards are told, and how far each of them has been told. */
const statements = `
alter table revocations add column servers text;
alter table revocations add column ends_sessions bigint not null default 0;
create index families_by_session on families (tenant, session_id);
create index families_by_client on families (tenant, client_id);
create table signal_streams (
  tenant text not null, id text not null, client_id text not null, servers text not null, description text, events text not null,
  after_epoch bigint not null, after_id text not null, acked text not null, verification_id text, verification_state text,
  created_at bigint not null, polled_at bigint not null, primary key (tenant, id),
  foreign key (tenant, client_id) references clients (tenant, id) on delete cascade);
create index signal_streams_by_client on signal_streams (tenant, client_id, polled_at)`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
