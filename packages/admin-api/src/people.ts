import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Id, Name, Named, q } from './wire.ts'

const Username = z
  .string()
  .trim()
  .min(1, 'write a user name, or null for somebody who cannot sign in by password')
  .max(200, 'shorten it to 200 characters')

const facts = {
  username: Username.nullable().describe('What the person types to sign in.'),
  name: Name.describe('What people read.'),
  email: z.email('this is no address').max(320).nullable(),
  roles: z.array(Id).max(200).describe('The roles that the person holds beside those of the groups.'),
  groups: z.array(Id).max(200),
}

/** A person as it is put. Status and password are acts of their own. */
const PersonInput = z.strictObject({
  ...facts,
  username: facts.username.default(null),
  email: facts.email.default(null),
  roles: facts.roles.default([]),
  groups: facts.groups.default([]),
})

const Person = z.object({
  id: z.string(),
  ...facts,
  email: z.string().nullable(),
  status: z.enum(['active', 'suspended']),
  has_password: z.boolean(),
})

/** The agents that a person answers for stop with the person. */
const PersonWithAgents = Person.extend({ agents: z.array(Named) })

const ReachedTool = z.object({
  kind: z.enum(['tool', 'prompt', 'resource']),
  name: z.string(),
  title: z.string(),
  scopes: z.array(z.string()).nullable().describe('Null where nobody has said what it needs.'),
  depends_on: z
    .array(z.string())
    .describe('What a call depends on besides, which only the guard of the server can say.'),
})

const ReachedThrough = z.object({
  client: Named,
  active: z.boolean(),
  scopes: z.array(z.string()).describe('What the person could get through this application.'),
  consented: z.array(z.string()).nullable().describe('What the person allowed to it; null where nothing.'),
  tools: z.array(z.string()).describe('Names of what these scopes open.'),
})

/** What a person could do: roles, what they open at each MCP server, and through which applications. */
const Reach = z.object({
  active: z.boolean(),
  roles: z.array(
    z.object({ id: z.string(), name: z.string(), own: z.boolean(), groups: z.array(Named).describe('Through these.') }),
  ),
  servers: z.array(
    z.object({
      server: Named,
      active: z.boolean(),
      scopes: z.array(z.string()),
      tools: z.array(ReachedTool),
      clients: z.array(ReachedThrough),
      more_clients: z.boolean().describe('There are more applications than are shown.'),
    }),
  ),
})

const act = { method: 'POST', scope: 'people:write', sensitive: true } as const

export const peopleOperations = [
  defineOperation({
    id: 'people.list',
    method: 'GET',
    path: '/people',
    scope: 'people:read',
    summary: 'List people, in the order of their names; or who holds a role or is in a group, in the order of ids.',
    query: z.strictObject({
      q: q.describe('The beginning of a name, of a word of it, of the user name or of the address.'),
      role: z.string().max(64).optional().describe('Only who holds this role, through a group or not.'),
      group: z.string().max(64).optional().describe('Only who is in this group.'),
    }),
    response: Person,
    paginated: true,
  }),
  defineOperation({
    id: 'people.get',
    method: 'GET',
    path: '/people/{id}',
    scope: 'people:read',
    summary: 'Read a person.',
    response: PersonWithAgents,
    etag: true,
  }),
  defineOperation({
    id: 'people.put',
    method: 'PUT',
    path: '/people/{id}',
    scope: 'people:write',
    sensitive: true,
    summary: 'Make a person, or replace names, address, roles and groups. Losing one, the living tokens are revoked.',
    params: z.object({ id: Id }),
    body: PersonInput,
    response: PersonWithAgents,
    etag: true,
  }),
  defineOperation({
    id: 'people.delete',
    method: 'DELETE',
    path: '/people/{id}',
    scope: 'people:write',
    sensitive: true,
    summary: 'Remove a person with sessions and grants. The audit keeps what is known about them.',
    etag: true,
  }),
  defineOperation({
    id: 'people.suspend',
    ...act,
    path: '/people/{id}/suspend',
    summary: 'Keep a person out: no login, no new token, and the living ones are refused. Roles and grants stay.',
  }),
  defineOperation({
    id: 'people.resume',
    ...act,
    path: '/people/{id}/resume',
    summary: 'Let a suspended person in again.',
  }),
  defineOperation({
    id: 'people.set_password',
    ...act,
    path: '/people/{id}/password',
    summary: 'Set a password. The person is signed out everywhere.',
    body: z.strictObject({ password: z.string().max(1024) }),
  }),
  defineOperation({
    id: 'people.erase',
    ...act,
    path: '/people/{id}/erase',
    summary: 'Remove a person, and make what the audit knows about them unreadable. It still verifies.',
  }),
  defineOperation({
    id: 'people.access',
    method: 'GET',
    path: '/people/{id}/access',
    scope: 'people:read',
    summary:
      'Say what a person or an agent can do: roles, scopes and tools by MCP server, and through which applications.',
    response: Reach,
  }),
] as const
