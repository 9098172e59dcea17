import { z } from 'zod'

const Id = z.string().max(200)

/** RFC 8936 §2.2. What we do not know is ignored. */
export const PollRequest = z.object({
  ack: z.array(Id).max(1000).default([]),
  setErrs: z
    .record(Id, z.object({ err: z.string().max(200), description: z.string().max(1000).optional() }))
    .default({}),
  maxEvents: z.int().min(0).default(100),
  returnImmediately: z.boolean().default(false),
})

export type PollRequest = z.output<typeof PollRequest>
