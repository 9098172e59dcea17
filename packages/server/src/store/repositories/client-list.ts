import type { Db } from './database.ts'

export const clientList = (db: Db, tenant: string) => ({
  /** Ids of the clients that an operator authorized for an MCP server, in the order of ids. */
  async authorizedAt(serverId: string, most: number): Promise<string[]> {
    const rows = await db
      .selectFrom('client_servers')
      .select('client_id')
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .orderBy('client_id')
      .limit(most)
      .execute()
    return rows.map(({ client_id }) => client_id)
  },
})
