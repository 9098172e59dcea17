import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, Time } from './wire.ts'

/** A browser in which somebody is signed in. */
const Session = z.object({
  id: z.string(),
  person: Named,
  auth_time: Time,
  acr: z.string(),
  amr: z.array(z.string()),
  idle_expires_at: Time,
  absolute_expires_at: Time,
})

export const sessionsOperations = [
  defineOperation({
    id: 'sessions.list',
    method: 'GET',
    path: '/sessions',
    scope: 'grants:read',
    summary: 'List living sessions, the newest login first.',
    query: z.strictObject({ person: z.string().max(2048).optional() }),
    response: Session,
    paginated: true,
  }),
  defineOperation({
    id: 'sessions.end',
    method: 'DELETE',
    path: '/sessions/{id}',
    scope: 'grants:write',
    summary: 'Sign one browser out, and end what was authorized from it. Grants stay.',
  }),
] as const
