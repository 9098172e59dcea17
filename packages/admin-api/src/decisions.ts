import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { Named, Time } from './wire.ts'

const text = z.string().max(2048)
const Moment = z.coerce.number().int().min(0).optional()

/** What a guard decided about one tool, prompt or resource. */
const Decision = z.object({
  id: z.string(),
  at: Time,
  server: Named,
  type: z.enum(['tool', 'prompt', 'resource']),
  name: z.string(),
  action: z.string(),
  outcome: z.string(),
  reasons: z.array(z.string()),
  person: Named.nullable(),
  client: Named.nullable(),
  object: z.object({ type: z.string(), id: z.union([z.string(), z.number()]) }).nullable(),
  scopes: z.array(z.string()).nullable(),
})

/** Why a call would be allowed or not: each link of the permission. */
const Explanation = z.object({
  verdict: z
    .enum(['allowed', 'depends', 'ask', 'refused', 'unknown'])
    .describe(
      '`depends`: on what only the guard knows. `ask`: the person can allow it. `refused`: an operator would have to.',
    ),
  links: z.array(
    z.object({
      link: z.string(),
      state: z.enum(['holds', 'missing', 'unknown']),
      says: z.string(),
      change: z.string().nullable().describe('What would change it.'),
    }),
  ),
})

/** A decision in words, and how the same call would be decided now. */
const ToldDecision = Decision.extend({
  words: z.array(z.string()),
  now: Explanation.nullable().describe('Null where it is not known whom the decision was about.'),
})

export const decisionsOperations = [
  defineOperation({
    id: 'decisions.list',
    method: 'GET',
    path: '/decisions',
    scope: 'audit:read',
    summary: 'List what guards decided within the last 90 days, the newest first.',
    query: z.strictObject({
      person: text.optional(),
      client: text.optional(),
      server: text.optional(),
      name: text.optional().describe('Of this tool, prompt or resource.'),
      refused: z.enum(['true', 'false']).optional().describe('`true`: only what was refused.'),
      since: Moment.describe('From this moment on, in milliseconds.'),
      until: Moment.describe('Before this moment, in milliseconds.'),
    }),
    response: Decision,
    paginated: true,
  }),
  defineOperation({
    id: 'decisions.get',
    method: 'GET',
    path: '/decisions/{id}',
    scope: 'audit:read',
    summary: 'Say in words what was decided under an id, and why; usually about one thing.',
    response: z.object({ items: z.array(ToldDecision) }),
  }),
  defineOperation({
    id: 'decisions.explain',
    method: 'GET',
    path: '/explain',
    scope: 'audit:read',
    summary: 'Say whether a call would be allowed that nobody has made, link by link, and what would change it.',
    query: z.strictObject({
      person: text.describe('The id of a person or an agent.'),
      client: text,
      server: text,
      type: z.enum(['tool', 'prompt', 'resource']).default('tool'),
      name: text.describe('The name of the tool, prompt or resource.'),
    }),
    response: Explanation,
  }),
] as const
