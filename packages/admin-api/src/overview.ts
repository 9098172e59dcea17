import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, Time } from './wire.ts'

/** What is protected, what was done within the last 24 hours, and what needs attention. */
const Overview = z.object({
  servers: z.array(
    Named.extend({ active: z.boolean(), scopes: z.int(), tools: z.int(), last_call_at: Time.nullable() }),
  ),
  hours: z
    .array(z.object({ from: Time, allowed: z.int(), refused: z.int() }))
    .describe('Calls, the oldest hour first.'),
  reasons: z.array(z.object({ reasons: z.array(z.string()), count: z.int() })).describe('Why calls were refused.'),
  usage: z.array(z.object({ person: Named, client: Named, server: Named, calls: z.int(), last_at: Time })),
  refusals: z
    .array(z.object({ type: z.string(), reason: z.string().nullable(), count: z.int() }))
    .describe('Logins, authorizations and tokens that were refused.'),
  attention: z.array(
    z.object({
      kind: z.enum([
        'server_never_seen',
        'tools_without_scopes',
        'tools_changed',
        'guard_dropped',
        'agent_without_owner',
        'client_document_fault',
        'key_old',
      ]),
      id: z.string(),
      name: z.string(),
      count: z.int(),
    }),
  ),
})

export const overviewOperations = [
  defineOperation({
    id: 'overview.get',
    method: 'GET',
    path: '/overview',
    scope: 'audit:read',
    summary:
      'Say what is protected, who used what and what was refused within the last 24 hours, and what needs attention.',
    response: Overview,
  }),
] as const
