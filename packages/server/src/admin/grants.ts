import { err, ok, type Result } from '@permitry/oauth'
import { endFamily } from '../commands/family.ts'
import { withdrawGrant } from '../commands/grant.ts'
import { commandUnit, type Operator } from '../commands/run.ts'
import type { CommandFailure } from '../commands/failure.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Family } from '../store/repositories/families.ts'
import type { ListedGrant } from '../store/repositories/grant-list.ts'
import { act, find } from './change.ts'
import type { HandlersOf } from './handler.ts'
import { named, namedOrNull } from './named.ts'
import { refusalOf, type Target } from './refusal.ts'

const grant = (id: string): Target => ({ kind: 'grant', id })

/** So many grants end in one unit, which others wait for. */
const AT_ONCE = 100

export const grants: HandlersOf<'grants'> = {
  async 'grants.list'({ realm, query: { person: subjectId, client: clientId, server: serverId }, page }) {
    return ok(
      await realm.read(async (t) => {
        const { items, next } = await t.grantList.page({ subjectId, clientId, serverId, ...page })
        return { items: await toWire(t, items), next }
      }),
    )
  },

  'grants.withdraw': (request) => act(request, withdrawGrant, request.params, grant(request.params.id)),

  async 'grants.withdraw_all'(request) {
    const { client } = request.body
    const target: Target = { kind: 'client', id: client }
    const known = await find(request, target, (t) => t.clients.find(client))
    if (!known.ok) return known
    let withdrawn = 0
    for (let some = AT_ONCE; some === AT_ONCE; withdrawn += some) {
      const done = await withdrawSome(request.operator, client)
      if (!done.ok) return err(refusalOf(done.error, target))
      some = done.value
    }
    return ok({ withdrawn })
  },

  async 'grants.families'(request) {
    const { id } = request.params
    const families = await find(request, grant(id), async (t) =>
      (await t.grants.findLivingById(id)) ? t.families.allLiving({ grantId: id }, request.realm.now()) : undefined,
    )
    return families.ok ? ok({ items: families.value.map(toFamily) }) : families
  },

  'grants.end_family': (request) => act(request, endFamily, request.params, { kind: 'family', id: request.params.id }),
}

/** Withdraws the newest grants of a client, all of them or none; says how many there were. */
function withdrawSome(operator: Operator, clientId: string): Promise<Result<number, CommandFailure>> {
  return commandUnit(operator, async (context) => {
    // As every command does first; so nobody withdraws one of them meanwhile.
    await context.t.tenants.lock()
    const { items } = await context.t.grantList.page({ clientId, most: AT_ONCE })
    for (const { id } of items) {
      const done = await withdrawGrant(context, { id })
      if (!done.ok) return done
    }
    return ok(items.length)
  })
}

async function toWire({ labels, grantList }: InTenant, items: readonly ListedGrant[]) {
  const subjects = await labels.subjects(items.map(({ subjectId }) => subjectId))
  const clients = await labels.clients(items.map(({ clientId }) => clientId))
  const servers = await labels.servers(items.map(({ serverId }) => serverId))
  const uses = await grantList.lastUses(items.map(({ id }) => id))
  return items.map((one) => ({
    id: one.id,
    person: named(subjects, one.subjectId),
    client: named(clients, one.clientId),
    server: namedOrNull(servers, one.serverId),
    scopes: [...one.scopes],
    identity_scopes: [...one.identityScopes],
    redirect_uri: one.redirectUri,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    last_use: uses.get(one.id) ?? null,
  }))
}

function toFamily({ id, scopes, sessionId, authTime, acr, idleExpiresAt, absoluteExpiresAt }: Family) {
  return {
    id,
    scopes: [...scopes],
    session: sessionId,
    auth_time: authTime,
    acr,
    idle_expires_at: idleExpiresAt,
    absolute_expires_at: absoluteExpiresAt,
  }
}
