import { clientView, identityScope } from '../../consent/view.ts'
import { looksLike } from '../../consent/look-alike.ts'
import type { AgentView } from '../../html/index.ts'
import type { SignedIn } from '../../login/session.ts'
import type { Realm } from '../../realm.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import { callViews } from './calls.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'

/** The living grants of a person, or one of them, with who got them, what they allow and what was last done with them. */
export async function connectedAgents(
  realm: Realm,
  t: InTenant,
  signedIn: SignedIn,
  grantId?: string,
): Promise<AgentView[]> {
  const { id: subjectId } = signedIn.subject
  const all = await t.grants.allLiving(subjectId)
  const grants = grantId === undefined ? all : all.filter(({ id }) => id === grantId)
  const allowedAt = await t.grants.allowedAt(subjectId)
  const trustedNames = grants.length === 0 ? [] : await t.clients.trustedNames()
  const agents: AgentView[] = []
  for (const { id, clientId, serverId, scopes, identityScopes } of grants) {
    const client = await t.clients.find(clientId)
    if (!client) continue
    const server = serverId === '' ? undefined : await t.servers.find(serverId)
    const [last] = await callViews(t, await t.decisions.list({ subjectId, clientId, serverId, most: 1 }))
    const taken = client.registration === 'registered' ? undefined : looksLike(client.name, trustedNames)
    const titles = scopes.map((name) => server?.scopes.find((scope) => scope.name === name)?.title ?? name)
    agents.push({
      client: { ...clientView(realm, client), ...(taken === undefined ? {} : { looksLike: taken }) },
      ...(server ? { server: { name: server.name, identifier: server.identifier, url: server.identifier } } : {}),
      allowedAt: allowedAt.get(id) ?? 0,
      may: [...titles, ...identityScopes.flatMap((name) => identityScope(name, true).map(({ title }) => title))],
      ...(last ? { last } : {}),
      url: `${placeUrl(realm, 'agents')}?grant=${encodeURIComponent(id)}`,
      withdraw: {
        action: placeUrl(realm, 'agents'),
        hidden: seal(realm, signedIn, 'agents', { act: 'withdraw', of: id }),
      },
    })
  }
  return agents.toSorted((a, b) => (b.last?.at ?? b.allowedAt) - (a.last?.at ?? a.allowedAt))
}
