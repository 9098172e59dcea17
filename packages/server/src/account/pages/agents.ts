import { narrowOwnGrant, withdrawOwnGrant } from '../../commands/own.ts'
import { catalogueOf } from '../../catalogue/entries.ts'
import { identityScope } from '../../consent/view.ts'
import { agentPage, type AgentPageView, agentsPage, type ScopeView } from '../../html/index.ts'
import { errorResponse, page } from '../../http/pages.ts'
import { sha256 } from '../../keys/secrets.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import type { Grant } from '../../store/repositories/grants.ts'
import { connectedAgents } from './connected.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView, runOwn, tellOutcome, type Visit } from './visit.ts'

/** `GET /account/agents`: all that may act in the person's name, or with `?grant=` one of it in full. */
export const agentsForm = accountPlace('agents', async (visit) => {
  const { realm, c, signedIn } = visit
  const id = c.req.query('grant')
  if (id !== undefined) return showGrant(visit, id)
  const agents = await realm.read((t) => connectedAgents(realm, t, signedIn))
  return page(c, agentsPage({ ...accountView(visit), agents }))
})

/** `POST /account/agents`: takes scopes out of a grant, or withdraws it. */
export const agentsSubmit = accountForm('agents', async (visit, { act, of: id, shown, typed, ticked }) => {
  if (typed['decision'] === 'withdraw')
    return tellOutcome(visit, 'agents', await runOwn(visit, withdrawOwnGrant, { id }), 'withdrawn')
  if (act !== 'narrow' || typed['decision'] !== 'narrow')
    return errorResponse(visit.c, { cause: 'form_refused', goOnUrl: placeUrl(visit.realm, 'agents') })
  const grant = await visit.realm.read((t) => t.grants.findLivingById(id))
  // The person said what stays of what was shown; of what came since nobody has said anything.
  if (grant && shownOf(grant) !== shown) return showGrant(visit, id, 'changed_meanwhile')
  const endsIt = grant && grant.scopes.length > 0 && !grant.scopes.some((scope) => ticked.includes(scope))
  const done = await runOwn(visit, narrowOwnGrant, { id, keep: ticked })
  return tellOutcome(visit, 'agents', done, endsIt ? 'withdrawn' : 'narrowed')
})

/** A grant of somebody else and one that never was are answered alike. */
async function showGrant(visit: Visit, id: string, error?: AgentPageView['error']): Promise<Response> {
  const { realm, c, signedIn } = visit
  const view = await realm.read(async (t) => {
    const grant = await t.grants.findLivingById(id)
    if (grant?.subjectId !== signedIn.subject.id) return undefined
    const [agent] = await connectedAgents(realm, t, signedIn, id)
    return agent && { agent, grant, scopes: await scopesOf(t, grant) }
  })
  if (!view) return errorResponse(c, { cause: 'not_found' })
  const { agent, grant, scopes } = view
  const hidden = seal(realm, signedIn, 'agents', { act: 'narrow', of: id, shown: shownOf(grant) })
  const identityScopes = grant.identityScopes.flatMap((name) => identityScope(name, true))
  const narrow = { action: placeUrl(realm, 'agents'), hidden }
  return page(
    c,
    agentPage({ ...accountView(visit), agent, narrow, scopes, identityScopes, ...(error ? { error } : {}) }),
  )
}

async function scopesOf(t: InTenant, { serverId, scopes }: Grant): Promise<ScopeView[]> {
  const server = serverId === '' ? undefined : await t.servers.find(serverId)
  const catalogue = server ? await catalogueOf(t, serverId) : []
  return scopes.map((name) => {
    const scope = server?.scopes.find((candidate) => candidate.name === name)
    return {
      name,
      title: scope?.title ?? name,
      description: scope?.description ?? '',
      risk: scope?.risk ?? 'write',
      tools: catalogue.filter(({ kind, scopes: needed }) => kind === 'tool' && needed?.includes(name)),
      alreadyGranted: true,
    }
  })
}

/** What a form shows of a grant, as a digest that it carries. */
function shownOf({ scopes, identityScopes }: Grant): string {
  return sha256(JSON.stringify([scopes, identityScopes]))
}
