import { sql, type Kysely } from 'kysely'

/**
 * The first schema, in the SQL that SQLite and PostgreSQL share: text ids, bigint milliseconds, no sequences (ADR 0005).
 * Every key begins with the tenant; a row that belongs to another dies with it.
 */
const statements = `
create table tenants (id text primary key, name text not null, epoch bigint not null, status text not null, created_at bigint not null);
create table subjects (
  tenant text not null references tenants (id) on delete cascade, id text not null, kind text not null, username text, username_key text,
  name text not null, email text, password_hash text, status text not null, created_at bigint not null, updated_at bigint not null,
  primary key (tenant, id), unique (tenant, username_key));
create table groups (
  tenant text not null references tenants (id) on delete cascade, id text not null, name text not null, primary key (tenant, id));
create table roles (
  tenant text not null references tenants (id) on delete cascade, id text not null, name text not null, description text not null,
  primary key (tenant, id));
create table group_members (
  tenant text not null, group_id text not null, subject_id text not null, primary key (tenant, subject_id, group_id),
  foreign key (tenant, group_id) references groups (tenant, id) on delete cascade,
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create table subject_roles (
  tenant text not null, subject_id text not null, role_id text not null, primary key (tenant, subject_id, role_id),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade,
  foreign key (tenant, role_id) references roles (tenant, id) on delete cascade);
create table group_roles (
  tenant text not null, group_id text not null, role_id text not null, primary key (tenant, group_id, role_id),
  foreign key (tenant, group_id) references groups (tenant, id) on delete cascade,
  foreign key (tenant, role_id) references roles (tenant, id) on delete cascade);
create table servers (
  tenant text not null references tenants (id) on delete cascade, id text not null, identifier text not null, name text not null,
  status text not null, claims text not null, access_token_seconds bigint, dynamic_scopes text, catalogue_version bigint not null,
  primary key (tenant, id));
create table server_names (
  tenant text not null, name_key text not null, name text not null, server_id text not null, primary key (tenant, name_key),
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
create table scopes (
  tenant text not null, server_id text not null, name text not null, title text not null, description text not null, risk text not null,
  implies text not null, is_default bigint not null, position bigint not null, primary key (tenant, server_id, name),
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
create table role_scopes (
  tenant text not null, role_id text not null, server_id text not null, scope text not null,
  primary key (tenant, role_id, server_id, scope),
  foreign key (tenant, role_id) references roles (tenant, id) on delete cascade,
  foreign key (tenant, server_id, scope) references scopes (tenant, server_id, name) on delete cascade);
create table tools (
  tenant text not null, server_id text not null, name text not null, title text not null, scopes text not null,
  primary key (tenant, server_id, name), foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
create table clients (
  tenant text not null references tenants (id) on delete cascade, id text not null, name text not null, registration text not null,
  application_type text not null, auth_method text not null, secret_hash text, redirect_uris text not null,
  post_logout_redirect_uris text not null, grant_types text not null, id_token_alg text not null, status text not null,
  created_at bigint not null, updated_at bigint not null, primary key (tenant, id));
create table client_servers (
  tenant text not null, client_id text not null, server_id text not null, scopes text not null, primary key (tenant, client_id, server_id),
  foreign key (tenant, client_id) references clients (tenant, id) on delete cascade,
  foreign key (tenant, server_id) references servers (tenant, id) on delete cascade);
create table authorization_requests (
  tenant text not null, id text not null, browser_hash text not null, client_id text not null, parameters text not null,
  created_at bigint not null, expires_at bigint not null, answered_at bigint, primary key (tenant, id),
  foreign key (tenant, client_id) references clients (tenant, id) on delete cascade);
create table sessions (
  tenant text not null, id text not null, secret_hash text not null, subject_id text not null, auth_time bigint not null,
  acr text not null, amr text not null, created_at bigint not null, idle_expires_at bigint not null,
  absolute_expires_at bigint not null, ended_at bigint, primary key (tenant, id), unique (tenant, secret_hash),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create table grants (
  tenant text not null, id text not null, subject_id text not null, client_id text not null, server_id text not null,
  scopes text not null, identity_scopes text not null, redirect_uri text not null, client_fingerprint text not null,
  wording text not null, catalogue_version bigint not null, created_at bigint not null, updated_at bigint not null, ended_at bigint,
  primary key (tenant, id),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade,
  foreign key (tenant, client_id) references clients (tenant, id) on delete cascade);
create unique index grants_living on grants (tenant, subject_id, client_id, server_id) where ended_at is null;
create table families (
  tenant text not null, id text not null, grant_id text not null, subject_id text not null, client_id text not null,
  server_id text not null, audience text not null, scopes text not null, identity_scopes text not null, session_id text, nonce text,
  auth_time bigint not null, acr text not null, amr text not null, bound_key text, created_at bigint not null,
  idle_expires_at bigint not null, absolute_expires_at bigint not null, ended_at bigint, ended_reason text, primary key (tenant, id),
  foreign key (tenant, grant_id) references grants (tenant, id) on delete cascade);
create index families_by_grant on families (tenant, grant_id);
create index families_by_subject on families (tenant, subject_id);
create table codes (
  tenant text not null, hash text not null, family_id text not null, client_id text not null, redirect_uri text not null,
  challenge text not null, resource text not null, created_at bigint not null, expires_at bigint not null, consumed_at bigint,
  primary key (tenant, hash), foreign key (tenant, family_id) references families (tenant, id) on delete cascade);
create table refresh_tokens (
  tenant text not null, hash text not null, family_id text not null, created_at bigint not null, consumed_at bigint,
  consumed_for text, successor_sealed text, primary key (tenant, hash),
  foreign key (tenant, family_id) references families (tenant, id) on delete cascade);
create index codes_by_family on codes (tenant, family_id);
create index refresh_tokens_by_family on refresh_tokens (tenant, family_id);
create table revocations (
  tenant text not null references tenants (id) on delete cascade, id text not null, epoch bigint not null, subject_id text,
  family_id text, client_id text, created_at bigint not null, primary key (tenant, id));
create index revocations_by_epoch on revocations (tenant, epoch);
create table signing_keys (
  tenant text not null references tenants (id) on delete cascade, kid text not null, purpose text not null, alg text not null,
  public_jwk text not null, private_sealed text not null, created_at bigint not null, retired_at bigint, primary key (tenant, kid));
create table login_failures (
  tenant text not null references tenants (id) on delete cascade, key text not null, failures bigint not null, last_at bigint not null,
  primary key (tenant, key));
create table known_devices (
  tenant text not null, subject_id text not null, device_hash text not null, last_at bigint not null,
  primary key (tenant, subject_id, device_hash),
  foreign key (tenant, subject_id) references subjects (tenant, id) on delete cascade);
create index known_devices_by_hash on known_devices (tenant, device_hash);
create table audit_streams (
  tenant text not null references tenants (id), id text not null, started_at bigint not null, checkpointed_seq bigint not null,
  primary key (tenant, id));
create table audit_events (
  tenant text not null, stream text not null, seq bigint not null, v bigint not null, at bigint not null, type text not null,
  outcome text not null, actor_kind text, actor_id text, subject_id text, client_id text, server_id text, family_id text,
  reason text, detail text not null, personal text, prev text not null, hash text not null, primary key (tenant, stream, seq),
  foreign key (tenant, stream) references audit_streams (tenant, id));
create table audit_persons (
  tenant text not null references tenants (id), id text not null, salt text not null, primary key (tenant, id));
create table audit_personal (
  tenant text not null, stream text not null, seq bigint not null, person text not null, fields text not null,
  primary key (tenant, stream, seq), foreign key (tenant, stream, seq) references audit_events (tenant, stream, seq),
  foreign key (tenant, person) references audit_persons (tenant, id) on delete cascade);
create index audit_personal_by_person on audit_personal (tenant, person);
create table audit_checkpoints (
  tenant text not null references tenants (id), number bigint not null, at bigint not null, heads text not null,
  prev text not null, signature text not null, primary key (tenant, number));
create table declared (
  tenant text not null references tenants (id) on delete cascade, kind text not null, id text not null, primary key (tenant, kind, id));
create table versions (name text primary key, value text not null)`

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements.split(';\n')) await sql.raw(statement).execute(db)
}
