import { z } from 'zod'

const text = (max: number) => z.string().min(1).max(max)

const Decision = z.object({
  decision_id: z.string().regex(/^dec_[\w-]{16,64}$/),
  at: z.int(),
  outcome: z.enum(['allow', 'challenge', 'step_up', 'never', 'refuse', 'error']),
  // Of a guard that is younger than we are there may be others.
  reasons: z.array(z.string().regex(/^[a-z_]{1,64}$/)).max(16),
  iss: text(2048),
  sub: text(512),
  client_id: text(2048),
  jti: text(512),
  fam: text(128).optional(),
  action: z.string().regex(/^[\w/.-]{1,128}$/),
  resource: z.object({ type: z.enum(['tool', 'prompt', 'resource']), id: z.string().max(2048) }),
  object: z.object({ type: text(128), id: z.union([z.string().max(2048), z.number()]) }).optional(),
  scopes: z.array(text(256)).max(64).optional(),
  arguments_hmac: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional(),
})

const Batch = z.object({
  server: text(2048),
  batch: z.uuid(),
  dropped: z.int().min(0).max(1e9).default(0),
  unauthenticated: z.int().min(0).max(1e9).default(0),
  events: z.array(z.unknown()).max(500),
})

/** A decision as a guard tells of it. Everything in it is the guard's word, and the names of things are a caller's. */
export type ToldDecision = z.infer<typeof Decision>

export interface DecisionBatch {
  readonly server: string
  readonly batch: string
  /** Decisions that the guard had no room for. */
  readonly dropped: number
  /** Requests whose sender the guard does not know. */
  readonly unauthenticated: number
  readonly events: readonly ToldDecision[]
  /** Events that are none, or about people of another issuer. One of these must not take the others with it. */
  readonly unusable: number
}

/** Reads a batch; undefined when it is none. */
export function parseDecisionBatch(body: unknown, issuer: string): DecisionBatch | undefined {
  const batch = Batch.safeParse(body)
  if (!batch.success) return undefined
  const events = batch.data.events.flatMap((event) => {
    const parsed = Decision.safeParse(event)
    return parsed.success && parsed.data.iss === issuer ? [parsed.data] : []
  })
  return { ...batch.data, events, unusable: batch.data.events.length - events.length }
}
