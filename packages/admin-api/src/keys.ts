import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Time } from './wire.ts'

/** A key that signs tokens; its private half is never told. */
const Key = z.object({
  id: z.string().describe('The `kid` in the header of a token.'),
  purpose: z.enum(['access', 'id', 'signals']),
  alg: z.string(),
  state: z.enum(['next', 'signing', 'retired', 'revoked']),
  signs_from: Time,
  retired_at: Time.nullable(),
  revoked_at: Time.nullable(),
})

export const keysOperations = [
  defineOperation({
    id: 'keys.list',
    method: 'GET',
    path: '/keys',
    scope: 'system:read',
    summary: 'List the signing keys, the oldest first.',
    response: z.object({ items: z.array(Key) }),
  }),
  defineOperation({
    id: 'keys.rotate',
    method: 'POST',
    path: '/keys/rotate',
    scope: 'system:write',
    sensitive: true,
    summary: 'Publish the next key of each kind, which signs in an hour; nobody is signed out.',
    response: z.object({ changed: z.boolean().describe('False while the next keys are waiting already.') }),
  }),
  defineOperation({
    id: 'keys.revoke',
    method: 'POST',
    path: '/keys/{id}/revoke',
    scope: 'system:write',
    sensitive: true,
    summary: 'Take a key back: another one signs at once, and everything that was issued until now is refused.',
  }),
] as const
