import { intersectScopes, scopeClosure } from '@permitry/oauth'
import { type Db, list } from './database.ts'

/** What a client may ask for at an MCP server. */
export type MayAsk = 'all' | readonly string[]

/**
 * What clients that nobody registered may ask for: at each active MCP server what it allows to them, and a server that
 * allows nothing is not there for them. `own` is what a client limited itself to.
 */
export async function dynamicServers(
  db: Db,
  tenant: string,
  own: readonly string[] | undefined,
): Promise<ReadonlyMap<string, MayAsk>> {
  const servers = await db
    .selectFrom('servers')
    .select(['id', 'dynamic_scopes'])
    .where('tenant', '=', tenant)
    .where('status', '=', 'active')
    .orderBy('id')
    .execute()
  const scopes = own === undefined ? [] : await scopesOf(db, tenant)
  const mayAsk = servers.map(({ id, dynamic_scopes }): [string, MayAsk] => {
    const allowed = dynamic_scopes === null ? 'all' : list(dynamic_scopes)
    return [
      id,
      own === undefined
        ? allowed
        : limit(
            allowed,
            own,
            scopes.filter(({ server_id }) => server_id === id),
          ),
    ]
  })
  return new Map(mayAsk.filter(([, allowed]) => allowed.length > 0))
}

type Scope = Awaited<ReturnType<typeof scopesOf>>[number]

function scopesOf(db: Db, tenant: string) {
  return db.selectFrom('scopes').select(['server_id', 'name', 'implies']).where('tenant', '=', tenant).execute()
}

/** Both sides are closed first: whoever limits itself to `read` may have it where `write` is allowed, which implies it. */
function limit(allowed: MayAsk, own: readonly string[], scopes: readonly Scope[]): readonly string[] {
  const all = scopes.map(({ name }) => name)
  const hierarchy = Object.fromEntries(scopes.map(({ name, implies }) => [name, list(implies)]))
  const limited = scopeClosure(intersectScopes(own, all), hierarchy)
  return allowed === 'all' ? limited : intersectScopes(limited, scopeClosure(allowed, hierarchy))
}
