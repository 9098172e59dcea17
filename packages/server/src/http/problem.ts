import { type Problem, type ProblemKind, PROBLEMS, problemType } from '@permitry/admin-api'
import type { Context } from 'hono'

/** A refusal as problem details (RFC 9457), in the vocabulary of the admin API. */
export function problem(
  c: Context,
  kind: ProblemKind,
  more: Pick<Problem, 'detail' | 'errors' | 'request_id'> = {},
): Response {
  const { status, title } = PROBLEMS[kind]
  return c.body(JSON.stringify({ type: problemType(kind), title, status, ...more }), status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  })
}
