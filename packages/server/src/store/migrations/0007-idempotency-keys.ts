import { sql, type Kysely } from 'kysely'

/** Requests to the admin API that may be repeated without being carried out twice. */
const statements = `
create table idempotency_keys (
  tenant text not null, id text not null, request text not null, status integer, answer_sealed text,
  expires_at bigint not null,
  primary key (tenant, id),
  foreign key (tenant) references tenants (id) on delete cascade)`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
