import type { Http } from '../http/endpoint.ts'
import { sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { findGuarded, forGuard, type Guard } from './authenticate.ts'
import { parseDecisionBatch } from './decision-body.ts'
import { jsonBody, refuse } from './json.ts'
import { takeDecisions } from './take-decisions.ts'

/** Batches of one credential in a minute: some thousand decisions a second, and no more rows than that. */
const BATCHES_A_MINUTE = 600

/** `POST /guard/decisions`: what a guard decided. 204 for a batch that is there now, also when it was there before. */
export const decisionsEndpoint = forGuard('decisions', async (realm: Realm, c: Http, guard: Guard) => {
  const batch = parseDecisionBatch(await jsonBody(c), realm.issuer)
  if (!batch) return refuse(c, 400, 'this is no batch of decisions')
  const server = await findGuarded(realm, guard, batch.server)
  if (!server) return refuse(c, 403, 'this credential guards no such server')
  const now = realm.now()
  const isTaken = await realm.unit(async (t) => {
    const count = await t.rateCounts.count(sha256(`decisions of ${guard.clientId}`), 60_000, now)
    if (count > BATCHES_A_MINUTE) return false
    await takeDecisions(t, batch, { guardId: guard.clientId, serverId: server.id, now })
    return true
  })
  if (isTaken) return c.body(null, 204)
  c.header('Retry-After', '60')
  return refuse(c, 429, 'too many batches: wait a minute')
})
