import { ok } from '@permitry/oauth'
import type { HandlersOf } from './handler.ts'

export const audit: HandlersOf<'audit'> = {
  async 'audit.list'({ realm, query, page }) {
    const { person: subjectId, client: clientId, ...filter } = query
    const { items, next } = await realm.read((t) => t.auditEntries.page({ subjectId, clientId, ...filter, ...page }))
    return ok({
      items: items.map((entry) => ({
        id: `${entry.stream}.${entry.seq}`,
        at: entry.at,
        type: entry.type,
        outcome: entry.outcome,
        actor: entry.actor,
        person: entry.subjectId,
        client: entry.clientId,
        server: entry.serverId,
        family: entry.familyId,
        reason: entry.reason,
        detail: entry.detail,
        personal: entry.personal,
      })),
      next,
    })
  },
}
