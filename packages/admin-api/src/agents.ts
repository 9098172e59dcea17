import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, q } from './wire.ts'

/** A client that acts for itself, under the id of that client; its owner and roles are defined there. */
const Agent = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  owner: Named.nullable().describe('The person who answers for it; null where nobody was named.'),
  roles: z.array(z.string()),
})

export const agentsOperations = [
  defineOperation({
    id: 'agents.list',
    method: 'GET',
    path: '/agents',
    scope: 'people:read',
    summary: 'List agents, in the order of their names.',
    query: z.strictObject({ q: q.describe('The beginning of a name or of a word of it.') }),
    response: Agent,
    paginated: true,
  }),
  defineOperation({
    id: 'agents.get',
    method: 'GET',
    path: '/agents/{id}',
    scope: 'people:read',
    summary: 'Read an agent.',
    response: Agent,
  }),
  defineOperation({
    id: 'agents.suspend',
    method: 'POST',
    path: '/agents/{id}/suspend',
    scope: 'people:write',
    sensitive: true,
    summary: 'Stop an agent: no new token, and the living ones are refused.',
  }),
  defineOperation({
    id: 'agents.resume',
    method: 'POST',
    path: '/agents/{id}/resume',
    scope: 'people:write',
    sensitive: true,
    summary: 'Let a suspended agent work again.',
  }),
] as const
