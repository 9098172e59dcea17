import type { Db } from './database.ts'

/** What is known of a client ID metadata document since it was last fetched. */
export interface ClientDocument {
  readonly freshUntil: number
  readonly etag: string | null
  /** Why it stopped the client; null while it is good. */
  readonly fault: string | null
}

export const clientDocuments = (db: Db, tenant: string) => ({
  /** The document of a client, and whether any person ever consented to that client. */
  async find(clientId: string): Promise<(ClientDocument & { readonly consented: boolean }) | undefined> {
    const row = await db
      .selectFrom('client_documents')
      .innerJoin('clients', (join) =>
        join
          .onRef('clients.tenant', '=', 'client_documents.tenant')
          .onRef('clients.id', '=', 'client_documents.client_id'),
      )
      .select(['fresh_until', 'etag', 'fault', 'consented_at'])
      .where('client_documents.tenant', '=', tenant)
      .where('client_documents.client_id', '=', clientId)
      .executeTakeFirst()
    return (
      row && { freshUntil: row.fresh_until, etag: row.etag, fault: row.fault, consented: row.consented_at !== null }
    )
  },

  /** Notes what a fetch brought. The client must exist. */
  async put(clientId: string, { freshUntil, etag, fault }: ClientDocument, now: number): Promise<void> {
    const facts = { fresh_until: freshUntil, etag, fault, checked_at: now }
    await db
      .insertInto('client_documents')
      .values({ tenant, client_id: clientId, ...facts })
      .onConflict((conflict) => conflict.columns(['tenant', 'client_id']).doUpdateSet(facts))
      .execute()
  },
})
