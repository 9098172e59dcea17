import { ok } from '@permitry/oauth'
import { ADMIN_SERVER } from '../access/admin-api.ts'
import { catalogueOf } from '../catalogue/entries.ts'
import { activitySince, HOUR } from '../overview/activity.ts'
import { findAttention } from '../overview/attention.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { HandlersOf } from './handler.ts'
import { named } from './named.ts'

/** So many MCP servers are shown. */
const MOST_SERVERS = 50

export const overview: HandlersOf<'overview'> = {
  async 'overview.get'({ realm, operator: { store, tenant } }) {
    const now = realm.now()
    const { hours, reasons, usage, refusals } = await activitySince(store, tenant, now - 24 * HOUR, now)
    const attention = await findAttention(store, tenant, now)
    return ok(
      await realm.read(async (t) => {
        const subjects = await t.labels.subjects(usage.map(({ subjectId }) => subjectId))
        const clients = await t.labels.clients(usage.map(({ clientId }) => clientId))
        const servers = await t.labels.servers(usage.map(({ serverId }) => serverId))
        return {
          servers: await protectedServers(t),
          hours: [...hours],
          reasons: reasons.map((one) => ({ reasons: [...one.reasons], count: one.count })),
          usage: usage.map(({ subjectId, clientId, serverId, calls, lastAt }) => ({
            person: named(subjects, subjectId),
            client: named(clients, clientId),
            server: named(servers, serverId),
            calls,
            last_at: lastAt,
          })),
          refusals: [...refusals],
          attention,
        }
      }),
    )
  },
}

async function protectedServers(t: InTenant) {
  const definitions = (await t.serverDefinitions.all()).filter(({ id }) => id !== ADMIN_SERVER).slice(0, MOST_SERVERS)
  return Promise.all(
    definitions.map(async ({ id, name, scopes }) => {
      const tools = (await catalogueOf(t, id)).filter(({ kind }) => kind === 'tool').length
      const [last] = await t.decisions.list({ serverId: id, most: 1 })
      const active = (await t.servers.find(id))?.active === true
      return { id, name, active, scopes: scopes.length, tools, last_call_at: last?.at ?? null }
    }),
  )
}
