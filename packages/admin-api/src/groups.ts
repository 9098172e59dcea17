import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Id, Name, q } from './wire.ts'

const facts = {
  name: Name.describe('What people read.'),
  roles: z.array(Id).describe('The roles that its members hold.'),
}

/** A group as it is put; its members stay. */
const GroupInput = z.strictObject({ ...facts, roles: facts.roles.max(200).default([]) })

const Group = z.object({ id: z.string(), ...facts })

const Member = z.object({ id: z.string(), name: z.string(), username: z.string().nullable() })

export const groupsOperations = [
  defineOperation({
    id: 'groups.list',
    method: 'GET',
    path: '/groups',
    scope: 'roles:read',
    summary: 'List groups, in the order of their ids.',
    query: z.strictObject({ q }),
    response: Group,
    paginated: true,
  }),
  defineOperation({
    id: 'groups.get',
    method: 'GET',
    path: '/groups/{id}',
    scope: 'roles:read',
    summary: 'Read a group.',
    response: Group,
    etag: true,
  }),
  defineOperation({
    id: 'groups.put',
    method: 'PUT',
    path: '/groups/{id}',
    scope: 'roles:write',
    sensitive: true,
    summary: 'Make a group, or replace its name and roles. When it loses a role, tokens of its members are revoked.',
    params: z.object({ id: Id }),
    body: GroupInput,
    response: Group,
    etag: true,
  }),
  defineOperation({
    id: 'groups.delete',
    method: 'DELETE',
    path: '/groups/{id}',
    scope: 'roles:write',
    sensitive: true,
    summary: 'Remove a group. Its members lose what they held through it.',
    etag: true,
  }),
  defineOperation({
    id: 'groups.members',
    method: 'GET',
    path: '/groups/{id}/members',
    scope: 'roles:read',
    summary: 'List the people of a group.',
    query: z.strictObject({ q }),
    response: Member,
    paginated: true,
  }),
] as const
