import { sql, type Kysely } from 'kysely'

/** Links by which the first owner of a tenant is made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table setup_links (
  tenant text not null references tenants (id) on delete cascade, hash text not null, expires_at bigint not null,
  primary key (tenant, hash))`,
    )
    .execute(db)
}
