import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, Time } from './wire.ts'

/** What the server runs with; all of it is decided in permitry.yaml. */
const Settings = z.object({
  issuer: z.string(),
  tenant: z.string(),
  name: z.string().describe('What people call the organisation; empty when nobody said.'),
  dynamic_clients: z.object({
    documents: z.boolean(),
    registration: z.boolean(),
    public_clients: z.boolean(),
    allowed_hosts: z.array(z.string()).describe('Every host when empty.'),
    blocked_hosts: z.array(z.string()),
  }),
  dpop_nonces: z.enum(['bound_clients', 'always', 'never']),
})

/** How things are at this moment. */
const Health = z.object({
  at: Time,
  epoch: z.int().describe('Counts up with every revocation.'),
  keys: z.array(z.object({ purpose: z.string(), alg: z.string(), signing: z.boolean() })),
  guards: z
    .array(
      z.object({ credential: Named, servers: z.array(Named), description: z.string().nullable(), polled_at: Time }),
    )
    .describe('Guard processes that ask for signals, those that asked last first.'),
})

export const systemOperations = [
  defineOperation({
    id: 'system.settings',
    method: 'GET',
    path: '/settings',
    scope: 'system:read',
    summary: 'Read what the server runs with.',
    response: Settings,
  }),
  defineOperation({
    id: 'system.health',
    method: 'GET',
    path: '/health',
    scope: 'system:read',
    summary: 'Say whether keys sign and which guards ask for signals.',
    response: Health,
  }),
] as const
