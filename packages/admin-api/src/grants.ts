import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, Time } from './wire.ts'

/** What a person allowed to an application at an MCP server. */
const Grant = z.object({
  id: z.string(),
  person: Named,
  client: Named,
  server: Named.nullable().describe('Null where the application only learns who somebody is.'),
  scopes: z.array(z.string()),
  identity_scopes: z.array(z.string()),
  redirect_uri: z.string(),
  created_at: Time,
  updated_at: Time,
  last_use: z
    .object({ at: Time, type: z.string(), name: z.string(), outcome: z.string() })
    .nullable()
    .describe('What a guard told of last, within the last 90 days.'),
})

/** One answered authorization of a grant: its tokens live and end together. */
const Family = z.object({
  id: z.string(),
  scopes: z.array(z.string()),
  session: z.string().nullable(),
  auth_time: Time,
  acr: z.string(),
  idle_expires_at: Time,
  absolute_expires_at: Time,
})

export const grantsOperations = [
  defineOperation({
    id: 'grants.list',
    method: 'GET',
    path: '/grants',
    scope: 'grants:read',
    summary: 'List living grants, the newest first.',
    query: z.strictObject({
      person: z.string().max(2048).optional(),
      client: z.string().max(2048).optional(),
      server: z.string().max(2048).optional(),
    }),
    response: Grant,
    paginated: true,
  }),
  defineOperation({
    id: 'grants.withdraw',
    method: 'DELETE',
    path: '/grants/{id}',
    scope: 'grants:write',
    summary: 'Withdraw a grant with everything that was issued under it.',
  }),
  defineOperation({
    id: 'grants.withdraw_all',
    method: 'POST',
    path: '/grants/withdraw-all',
    scope: 'grants:write',
    sensitive: true,
    summary: 'Withdraw everything that anybody allowed to a client.',
    body: z.strictObject({ client: z.string().min(1).max(2048) }),
    response: z.object({ withdrawn: z.int() }),
  }),
  defineOperation({
    id: 'grants.families',
    method: 'GET',
    path: '/grants/{id}/families',
    scope: 'grants:read',
    summary: 'List the living authorizations of a grant.',
    response: z.object({ items: z.array(Family) }),
  }),
  defineOperation({
    id: 'grants.end_family',
    method: 'DELETE',
    path: '/families/{id}',
    scope: 'grants:write',
    summary: 'End one authorization: its tokens are revoked. The grant stays.',
  }),
] as const
