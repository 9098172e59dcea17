import { ok, type Result } from '@permitry/oauth'
import { resumeSubject, suspendSubject } from '../commands/subject.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { act, find } from './change.ts'
import type { HandlersOf } from './handler.ts'
import { namedOrNull } from './named.ts'
import type { Refusal, Target } from './refusal.ts'

const agent = (id: string): Target => ({ kind: 'subject', id })

export const agents: HandlersOf<'agents'> = {
  async 'agents.list'({ realm, query: { q = '' }, page }) {
    return ok(
      await realm.read(async (t) => {
        const { items, next } = await t.subjectList.page({ kind: 'agent', startsWith: q, ...page })
        return { items: await findAgents(t, items), next }
      }),
    )
  },

  'agents.get': (request) => findAgent(request, request.params.id),

  async 'agents.suspend'(request) {
    const known = await findAgent(request, request.params.id)
    return known.ok ? act(request, suspendSubject, request.params, agent(request.params.id)) : known
  },

  async 'agents.resume'(request) {
    const known = await findAgent(request, request.params.id)
    return known.ok ? act(request, resumeSubject, request.params, agent(request.params.id)) : known
  },
}

type Agent = Awaited<ReturnType<typeof findAgents>>[number]

/** A person is none, whatever the path says. */
function findAgent(request: Parameters<typeof find>[0], id: string): Promise<Result<Agent, Refusal>> {
  return find(request, agent(id), async (t) => (await findAgents(t, [id]))[0])
}

async function findAgents({ subjectList, labels }: InTenant, ids: readonly string[]) {
  const rows = (await subjectList.rows(ids)).filter(({ kind }) => kind === 'agent')
  const owners = rows.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId]))
  const subjects = await labels.subjects(owners)
  return rows.map(({ id, name, status, ownerId, roles }) => ({
    id,
    name,
    status,
    owner: namedOrNull(subjects, ownerId),
    roles: [...roles],
  }))
}
