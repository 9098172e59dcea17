// The admin API: what the contract says, held against each request in one place. Handlers get what passed, and only commands write.
import { type Operation, operations } from '@permitry/admin-api'
import { err, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import type { Page } from '../store/repositories/page.ts'
import { authenticate, type Caller } from './authenticate.ts'
import { handlers } from './handlers.ts'
import { once, type Sent } from './idempotency.ts'
import { etagOf } from './precondition.ts'
import { type Parsed, parseRequest } from './parse-request.ts'
import { MAX_LOGIN_AGE_SECONDS, type Refusal, refuse } from './refusal.ts'

/** Where the API begins, below the issuer. */
export const ADMIN_BASE = '/admin/v1'

/** Answers every request below `ADMIN_BASE`. */
export async function adminEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const answered = await answer(realm, c)
  if (!answered.ok) return refuse(c, answered.error)
  const { status, value } = answered.value
  return value === undefined || value === null ? c.body(null, 204) : c.json(value, status as 200)
}

async function answer(realm: Realm, c: Http): Promise<Result<Sent, Refusal>> {
  const caller = await authenticate(realm, c)
  if (!caller.ok) return caller
  const matched = findOperation(c)
  if (!matched.ok) return matched
  const { operation, segments } = matched.value
  const refusal = checkCaller(realm, operation, caller.value)
  if (refusal) return err(refusal)
  const parsed = await parseRequest(c, operation, segments, realm.secrets.cursors)
  if (!parsed.ok) return parsed
  const { subjectId } = caller.value
  const sent = await once(realm, c, { operation, subjectId, text: parsed.value.text }, () =>
    carryOut(realm, operation, caller.value, parsed.value),
  )
  if (sent.ok && operation.etag && sent.value.value !== undefined) c.header('ETag', etagOf(sent.value.value))
  return sent
}

/** What a caller lacks for an operation: a scope, or a login that is recent (RFC 9470). */
function checkCaller(realm: Realm, { scope, sensitive }: Operation, caller: Caller): Refusal | undefined {
  if (!caller.scopes.includes(scope))
    return { kind: 'insufficient_scope', scope, detail: `the scope ${scope} is missing, or no role holds it any more` }
  if (!sensitive) return undefined
  const { authTime = -Infinity } = caller
  if (realm.now() / 1000 - authTime <= MAX_LOGIN_AGE_SECONDS) return undefined
  return {
    kind: 'insufficient_user_authentication',
    detail: 'sign in again: this needs a login of the last 15 minutes',
  }
}

async function carryOut(
  realm: Realm,
  operation: Operation,
  { subjectId, scopes }: Caller,
  { params, query, body, page, precondition, cursorTo }: Parsed,
): Promise<Result<Sent, Refusal>> {
  const operator = realm.operatorFor({ kind: 'subject', id: subjectId, scopes })
  // The contract's types of one operation are what its own schemas let through.
  const handler = (handlers as Readonly<Record<string, (request: object) => Promise<Result<unknown, Refusal>>>>)[
    operation.id
  ]
  if (!handler) throw new Error(`${operation.id} has no handler`)
  const done = await handler({ realm, operator, params, query, body, page, precondition })
  if (!done.ok) return done
  const isNew = operation.method === 'PUT' && precondition.state === 'absent'
  const status = operation.status ?? (isNew ? 201 : 200)
  if (!operation.paginated) return ok({ status, value: done.value })
  const { items, next } = done.value as Page<unknown>
  return ok({ status, value: { items, next_cursor: next ? cursorTo(next) : null } })
}

interface Matched {
  readonly operation: Operation
  /** The named segments of the path, decoded. */
  readonly segments: Readonly<Record<string, string>>
}

const patterns = operations.map((operation: Operation) => ({ operation, names: operation.path.split('/').slice(1) }))

/** Finds the operation of a path as it was sent: ids may hold an encoded `/`. */
function findOperation(c: Http): Result<Matched, Refusal> {
  const [, path = ''] = new URL(c.req.url).pathname.split(`${ADMIN_BASE}/`)
  const sent = decoded(path.split('/'))
  const matching = sent ? patterns.filter(({ names }) => isMatch(names, sent)) : []
  // A segment that is written down comes before one that has only a name.
  const byExactness = matching.toSorted((a, b) => namedIn(a.names) - namedIn(b.names))
  const found = byExactness.find(({ operation }) => operation.method === c.req.method)
  if (found && sent) {
    const entries = found.names.flatMap((name, at) => (isNamed(name) ? [[name.slice(1, -1), sent[at] ?? '']] : []))
    return ok({ operation: found.operation, segments: Object.fromEntries(entries) as Record<string, string> })
  }
  if (matching.length === 0) return err({ kind: 'not_found', detail: 'the admin API has no such path' })
  const allow = matching.map(({ operation }) => operation.method).join(', ')
  c.header('Allow', allow)
  return err({ kind: 'wrong_method', detail: `the method is ${allow}` })
}

function decoded(segments: readonly string[]): readonly string[] | undefined {
  try {
    return segments.map(decodeURIComponent)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

const isNamed = (name: string): boolean => name.startsWith('{')
const namedIn = (names: readonly string[]): number => names.filter(isNamed).length

function isMatch(names: readonly string[], sent: readonly string[]): boolean {
  return (
    names.length === sent.length && names.every((name, at) => (isNamed(name) ? sent[at] !== '' : name === sent[at]))
  )
}
