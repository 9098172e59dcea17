import { err, ok } from '@permitry/oauth'
import { type Explanation, explainCall } from '../access/explain-call.ts'
import { findDecisions } from '../commands/decision-lookups.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { StoredDecision } from '../store/repositories/decisions.ts'
import type { HandlersOf } from './handler.ts'
import { named, namedOrNull } from './named.ts'

export const decisions: HandlersOf<'decisions'> = {
  async 'decisions.list'({ realm, query, page }) {
    const { person, client, server, name, refused, since, until } = query
    const filter = {
      subjectId: person,
      clientId: client,
      serverId: server,
      itemName: name,
      refusedOnly: refused === 'true',
      since,
      before: until,
      most: page.most,
    }
    return ok(
      await realm.read(async (t) => {
        const { items, next } = await t.decisions.page(filter, page.behind)
        return { items: await toWire(t, items), next }
      }),
    )
  },

  async 'decisions.get'({ realm, operator, params: { id } }) {
    const told = await findDecisions(operator, id)
    if (told.length === 0)
      return err({ kind: 'not_found', detail: `nothing was decided under \`${id}\`, or it is too long ago` })
    return ok({
      items: await realm.read(async (t) => {
        const items = await toWire(t, told)
        const now = await Promise.all(told.map((decision) => explainAgain(t, decision, realm.now())))
        return items.map((item, at) => ({ ...item, words: [...(told[at]?.words ?? [])], now: now[at] ?? null }))
      }),
    })
  },

  async 'decisions.explain'({ realm, query }) {
    const { person: subjectId, client: clientId, server: serverId, type, name } = query
    const call = { subjectId, clientId, serverId, type, name }
    return ok(toExplanation(await realm.read((t) => explainCall(t, call, realm.now()))))
  },
}

/** The same call as it would be decided now. */
async function explainAgain(t: InTenant, decision: StoredDecision, now: number) {
  const { subjectId, clientId, serverId, itemType, itemName } = decision
  if (subjectId === null || clientId === null) return null
  return toExplanation(await explainCall(t, { subjectId, clientId, serverId, type: itemType, name: itemName }, now))
}

function toExplanation({ verdict, links }: Explanation) {
  return { verdict, links: [...links] }
}

async function toWire({ labels }: InTenant, items: readonly StoredDecision[]) {
  const present = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null)
  const subjects = await labels.subjects(present(items.map(({ subjectId }) => subjectId)))
  const clients = await labels.clients(present(items.map(({ clientId }) => clientId)))
  const servers = await labels.servers(items.map(({ serverId }) => serverId))
  return items.map((one) => ({
    id: one.id,
    at: one.at,
    server: named(servers, one.serverId),
    type: one.itemType,
    name: one.itemName,
    action: one.action,
    outcome: one.outcome,
    reasons: [...one.reasons],
    person: namedOrNull(subjects, one.subjectId),
    client: namedOrNull(clients, one.clientId),
    object: one.object,
    scopes: one.scopes && [...one.scopes],
  }))
}
