import { publishCatalogue } from '../commands/catalogue.ts'
import { runCommand } from '../commands/run.ts'
import type { Http } from '../http/endpoint.ts'
import { sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { findGuarded, forGuard, type Guard } from './authenticate.ts'
import { parseCatalogue } from './catalogue-body.ts'
import { jsonBody, refuse } from './json.ts'

/** Publications of one credential in an hour: its guards publish at their start, and then when something changed. */
const PUBLICATIONS_AN_HOUR = 120

/** `PUT /guard/catalogue`: what there is behind a guard and what it needs. Answers with the version that this is now. */
export const catalogueEndpoint = forGuard('catalogue', async (realm: Realm, c: Http, guard: Guard) => {
  const catalogue = parseCatalogue(await jsonBody(c))
  if (!catalogue) return refuse(c, 400, 'this is no catalogue of tools, prompts and resources')
  const server = await findGuarded(realm, guard, catalogue.server)
  if (!server) return refuse(c, 403, 'this credential guards no such server')
  const count = await realm.unit((t) =>
    t.rateCounts.count(sha256(`catalogues of ${guard.clientId}`), 3_600_000, realm.now()),
  )
  if (count > PUBLICATIONS_AN_HOUR) {
    c.header('Retry-After', '600')
    return refuse(c, 429, 'too many publications: wait ten minutes')
  }
  const operator = realm.operatorFor({ kind: 'client', id: guard.clientId })
  const input = { serverId: server.id, source: 'guard' as const, items: catalogue.items }
  const done = await runCommand(operator, publishCatalogue, input)
  // It was there a moment ago; who removed it meanwhile is not the guard's affair.
  if (!done.ok) return refuse(c, 403, 'this credential guards no such server')
  const version = await realm.read((t) => t.serverDefinitions.catalogueVersion(server.id))
  return c.json({ version })
})
