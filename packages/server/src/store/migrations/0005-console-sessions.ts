import { sql, type Kysely } from 'kysely'

/** Browsers in which the console is signed in; the console's tokens stay here, sealed, and never reach a browser. */
const statements = `
create table console_sessions (
  tenant text not null, id text not null, secret_hash text not null, subject_id text not null, session_id text not null,
  family_id text not null, tokens_sealed text not null, tokens_expire_at bigint not null, scopes text not null,
  created_at bigint not null, absolute_expires_at bigint not null,
  primary key (tenant, id),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create unique index console_sessions_by_secret on console_sessions (tenant, secret_hash)`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
