import { z } from 'zod'

/** What can be wrong with a request, as the last part of a problem's `type`: `urn:permitry:problem:{kind}`. */
export const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be read' },
  invalid: { status: 422, title: 'The request does not say what it must' },
  unauthorized: { status: 401, title: 'The access token does not count here' },
  insufficient_user_authentication: { status: 401, title: 'This needs a login that is more recent' },
  insufficient_scope: { status: 403, title: 'The access token lacks a scope' },
  forbidden: { status: 403, title: 'Whoever asks may not do this' },
  not_found: { status: 404, title: 'There is no such thing' },
  wrong_method: { status: 405, title: 'The method does not fit' },
  taken: { status: 409, title: 'The name is taken' },
  conflict: { status: 409, title: 'This cannot be done now' },
  under_way: { status: 409, title: 'The same request is still under way' },
  changed_meanwhile: { status: 412, title: 'Somebody changed it meanwhile' },
  too_large: { status: 413, title: 'The body is too large' },
  key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  precondition_required: { status: 428, title: 'Say which version you change' },
  unreachable: { status: 502, title: 'The other side did not answer as it should' },
  fault: { status: 500, title: 'The server failed' },
} as const

export type ProblemKind = keyof typeof PROBLEMS

/** One thing that is wrong: at a place in the body (RFC 6901, as a fragment) or in a parameter. */
export const Fault = z.object({
  pointer: z.string().optional(),
  parameter: z.string().optional(),
  detail: z.string(),
})
export type Fault = z.output<typeof Fault>

/** A refusal (RFC 9457). `detail` is for people, `type` for programs. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(Fault).optional(),
  request_id: z.string().optional(),
})
export type Problem = z.output<typeof Problem>

/** The `type` of a problem. */
export function problemType(kind: ProblemKind): string {
  return `urn:permitry:problem:${kind}`
}
