import { CONSOLE_CLIENT } from '../../access/admin-api.ts'
import type { ClientTable } from '../schema.ts'
import type { Db } from './database.ts'
import { contains, type ListQuery } from './list-query.ts'
import { type Page, pageOf } from './page.ts'

/** A client of any kind as a list shows it. */
export interface ListedClient {
  readonly id: string
  readonly name: string
  readonly registration: ClientTable['registration']
  readonly type: ClientTable['application_type']
  readonly active: boolean
}

export const clientList = (db: Db, tenant: string) => ({
  /** A page in the order of the ids, without what is built in. A client is active unless it was suspended or its document stopped it. */
  async page({
    containing,
    registration,
    behind,
    most,
  }: ListQuery & { readonly registration?: ClientTable['registration'] | undefined }): Promise<Page<ListedClient>> {
    const rows = await db
      .selectFrom('clients')
      .leftJoin('client_documents', (join) =>
        join
          .onRef('client_documents.tenant', '=', 'clients.tenant')
          .onRef('client_documents.client_id', '=', 'clients.id'),
      )
      .select(['clients.id', 'clients.name', 'clients.registration', 'clients.application_type', 'clients.status'])
      .select('client_documents.fault')
      .where('clients.tenant', '=', tenant)
      .where('clients.id', '<>', CONSOLE_CLIENT)
      .$if(registration !== undefined, (query) => query.where('clients.registration', '=', registration ?? 'dcr'))
      .$if(containing !== undefined, (query) => query.where(contains(['clients.id', 'clients.name'], containing ?? '')))
      .$if(behind !== undefined, (query) => query.where('clients.id', '>', String(behind?.[0])))
      .orderBy('clients.id')
      .limit(most + 1)
      .execute()
    const listed = rows.map(({ id, name, registration: by, application_type: type, status, fault }) => ({
      id,
      name,
      registration: by,
      type,
      active: status === 'active' && fault === null,
    }))
    return pageOf(listed, most, ({ id }) => [id])
  },

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
