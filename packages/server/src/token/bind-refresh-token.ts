import type { InTenant } from '../store/in-tenant.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import type { Family } from '../store/repositories/families.ts'

/**
 * Binds the refresh token of a public client to the key that it proved to hold, from the first proof on (RFC 9449 §5). That of a
 * confidential client is bound to the client already, which may change its keys.
 */
export async function bindRefreshToken(
  t: InTenant,
  client: Client,
  family: Family,
  provedKey: string | undefined,
): Promise<void> {
  if (provedKey === undefined || isConfidential(client) || family.boundKey !== null) return
  await t.families.bind(family.id, provedKey)
}
