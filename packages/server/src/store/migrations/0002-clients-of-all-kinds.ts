import { sql, type Kysely } from 'kysely'

/**
 * Clients that authenticate with keys, that registered themselves or that a document describes; things that may be used
 * once; signing keys that are published before they sign and can be revoked; refresh tokens bound to a key; how a request
 * was answered.
 */
const statements = `
alter table clients add column jwks text;
alter table clients add column jwks_uri text;
alter table clients add column auth_signing_alg text;
alter table clients add column dpop_bound bigint not null default 0;
alter table clients add column client_uri text;
alter table clients add column logo_uri text;
alter table clients add column scopes text;
alter table clients add column metadata text;
alter table clients add column management_hash text;
alter table clients add column shared_key text;
alter table clients add column consented_at bigint;
alter table clients add column guards text not null default '[]';
alter table subjects add column owner_id text;
create unique index clients_shared on clients (tenant, shared_key) where shared_key is not null;
create index clients_unused on clients (tenant, registration, created_at) where consented_at is null;
create index grants_by_client on grants (tenant, client_id);
create table client_documents (
  tenant text not null, client_id text not null, checked_at bigint not null, fresh_until bigint not null, etag text, fault text,
  primary key (tenant, client_id), foreign key (tenant, client_id) references clients (tenant, id) on delete cascade);
create table client_logos (
  tenant text not null, client_id text not null, logo_uri text not null, digest text, png text, fetched_at bigint not null,
  primary key (tenant, client_id), foreign key (tenant, client_id) references clients (tenant, id) on delete cascade);
create index client_logos_by_digest on client_logos (tenant, digest);
create table spent_ids (
  tenant text not null references tenants (id) on delete cascade, hash text not null, expires_at bigint not null,
  primary key (tenant, hash));
create index spent_ids_by_expiry on spent_ids (tenant, expires_at);
create table rate_counts (
  tenant text not null references tenants (id) on delete cascade, key text not null, window_start bigint not null,
  count bigint not null, primary key (tenant, key));
alter table authorization_requests add column refusal text;
alter table codes add column bound_key text;
alter table signing_keys add column signs_from bigint not null default 0;
alter table signing_keys add column revoked_at bigint`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
