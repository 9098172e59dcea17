import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Id, Name, q, ScopeList, Text } from './wire.ts'

const facts = {
  name: Name.describe('What people read, for example `Pet Owner`.'),
  description: Text.describe('For whom the role is meant.'),
  scopes: z.record(Id, ScopeList).describe('The scopes that a holder may be granted, by MCP server.'),
}

/** A role as it is put. */
const RoleInput = z.strictObject({ ...facts, description: Text.default(''), scopes: facts.scopes.default({}) })

const Role = z.object({
  id: z.string(),
  ...facts,
  built_in: z.boolean().describe('It belongs to Permitry: it is held like others, and cannot be changed or removed.'),
})

/** Who holds a role directly. The members of a group that holds it are listed at the group. */
const Holder = z.object({ kind: z.enum(['person', 'agent', 'group']), id: z.string(), name: z.string() })

const holder = z.object({ kind: z.enum(['subject', 'group']) })

export const rolesOperations = [
  defineOperation({
    id: 'roles.list',
    method: 'GET',
    path: '/roles',
    scope: 'roles:read',
    summary: 'List roles, in the order of their ids.',
    query: z.strictObject({ q }),
    response: Role,
    paginated: true,
  }),
  defineOperation({
    id: 'roles.get',
    method: 'GET',
    path: '/roles/{id}',
    scope: 'roles:read',
    summary: 'Read a role.',
    response: Role,
    etag: true,
  }),
  defineOperation({
    id: 'roles.put',
    method: 'PUT',
    path: '/roles/{id}',
    scope: 'roles:write',
    sensitive: true,
    summary:
      'Make a role, or replace what it holds. When it holds less than before, tokens of its holders are revoked.',
    params: z.object({ id: Id }),
    body: RoleInput,
    response: Role,
    etag: true,
  }),
  defineOperation({
    id: 'roles.delete',
    method: 'DELETE',
    path: '/roles/{id}',
    scope: 'roles:write',
    sensitive: true,
    summary: 'Remove a role from everybody who holds it.',
    etag: true,
  }),
  defineOperation({
    id: 'roles.holders',
    method: 'GET',
    path: '/roles/{id}/holders',
    scope: 'roles:read',
    summary: 'List who holds a role directly: agents, groups and people.',
    query: z.strictObject({ q }),
    response: Holder,
    paginated: true,
  }),
  defineOperation({
    id: 'roles.assign',
    method: 'PUT',
    path: '/roles/{id}/holders/{kind}/{holder}',
    scope: 'roles:write',
    sensitive: true,
    summary: 'Give a role to a person, an agent or a group. It counts from the next token on.',
    params: holder,
  }),
  defineOperation({
    id: 'roles.unassign',
    method: 'DELETE',
    path: '/roles/{id}/holders/{kind}/{holder}',
    scope: 'roles:write',
    sensitive: true,
    summary: 'Take a role from a person, an agent or a group. Tokens of everybody who held it that way are revoked.',
    params: holder,
  }),
] as const
