import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Time } from './wire.ts'

const Moment = z.coerce.number().int().min(0).optional()

/** One thing that happened. */
const AuditEntry = z.object({
  id: z.string().describe('The stream and the number within it.'),
  at: Time,
  type: z.string(),
  outcome: z.string(),
  actor: z.object({ kind: z.string(), id: z.string() }).nullable(),
  person: z.string().nullable(),
  client: z.string().nullable(),
  server: z.string().nullable(),
  family: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  personal: z
    .record(z.string(), z.string())
    .nullable()
    .describe('What tells something about a person, as long as that person has not been erased.'),
})

export const auditOperations = [
  defineOperation({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    scope: 'audit:read',
    summary: 'List what happened, the newest first.',
    query: z.strictObject({
      type: z.string().max(64).optional(),
      outcome: z.enum(['allowed', 'refused', 'changed']).optional(),
      person: z.string().max(2048).optional(),
      client: z.string().max(2048).optional(),
      since: Moment.describe('From this moment on, in milliseconds.'),
      until: Moment.describe('Before this moment, in milliseconds.'),
    }),
    response: AuditEntry,
    paginated: true,
  }),
] as const
