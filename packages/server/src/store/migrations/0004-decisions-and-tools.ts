import { sql, type Kysely } from 'kysely'

/**
 * Decisions that guards tell of, and the tools, prompts and resources of MCP servers as guards publish them or as they
 * were found by connecting, with everything that changed about them since somebody consented.
 */
const statements = `
create table decisions (
  tenant text not null, server_id text not null, id text not null, item_type text not null, item_name text not null,
  at bigint not null, received_at bigint not null, outcome text not null, reasons text not null, action text not null,
  subject_id text, client_id text, family_id text, token_id text not null, object text, scopes text, arguments_hmac text,
  claimed text, guard_id text not null,
  primary key (tenant, server_id, id, item_type, item_name),
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade,
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create index decisions_by_id on decisions (tenant, id);
create index decisions_by_time on decisions (tenant, at);
create index decisions_by_subject on decisions (tenant, subject_id, at);
create index decisions_by_client on decisions (tenant, client_id, at);
create index decisions_by_family on decisions (tenant, family_id, at);
create index decisions_by_server on decisions (tenant, server_id, at);
create index decisions_by_receipt on decisions (tenant, received_at);
create table catalogue_items (
  tenant text not null, server_id text not null, kind text not null, name text not null, title text, description text,
  annotations text not null, scopes text, rule text not null, source text not null,
  primary key (tenant, server_id, kind, name),
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
create table catalogue_changes (
  tenant text not null, server_id text not null, version bigint not null, kind text not null, name text not null,
  at bigint not null, source text not null, before text, after text,
  primary key (tenant, server_id, version, kind, name),
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
alter table grants add column seen_versions text not null default '{}'`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
