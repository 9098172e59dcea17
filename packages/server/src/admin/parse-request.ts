import { type Fault, needsPrecondition, type Operation, paging } from '@permitry/admin-api'
import { err, ok, parseStrictJson, type Result } from '@permitry/oauth'
import { z } from 'zod'
import type { Http } from '../http/endpoint.ts'
import type { Position } from '../store/repositories/page.ts'
import { makeCursor, positionOf } from './cursor.ts'
import { type Precondition, preconditionOf } from './precondition.ts'
import type { Refusal } from './refusal.ts'

/** What a request says, held against the contract. */
export interface Parsed {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  /** The body as it was sent. */
  readonly text: string
  readonly page: { readonly most: number; readonly behind: Position | undefined }
  readonly precondition: Precondition
  /** The cursor for a page that begins behind a position. */
  readonly cursorTo: (position: Position) => string
}

/** Reads a request; all faults of path, query and body are told at once. `cursorKey` is the tenant's. */
export async function parseRequest(
  c: Http,
  operation: Operation,
  segments: Readonly<Record<string, string>>,
  cursorKey: Buffer,
): Promise<Result<Parsed, Refusal>> {
  const text = await c.req.text()
  const json = jsonOf(c, operation, text)
  if (!json.ok) return json
  const search = queryOf(c)
  if (!search.ok) return search

  const { limit, cursor, ...filters } = search.value
  const asked = operation.paginated
    ? { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) }
    : {}
  const others = operation.paginated ? filters : search.value
  const params = paramsSchema(operation, segments).safeParse(segments)
  const query = (operation.query ?? z.strictObject({})).safeParse(others)
  const page = paging.safeParse(asked)
  const body = operation.body?.safeParse(json.value)
  const errors = [
    ...(params.error?.issues ?? []).flatMap(toParameterFaults),
    ...(query.error?.issues ?? []).flatMap(toParameterFaults),
    ...(page.error?.issues ?? []).flatMap(toParameterFaults),
    ...(body?.error?.issues ?? []).flatMap(toBodyFaults),
  ]
  if (!params.success || !query.success || !page.success || body?.success === false)
    return err({ kind: 'invalid', detail: 'see `errors` for what to change', errors })

  const list = [operation.id, segments, query.data] as const
  const behind = page.data.cursor === undefined ? undefined : positionOf(cursorKey, list, page.data.cursor)
  if (page.data.cursor !== undefined && behind === undefined)
    return err({
      kind: 'invalid',
      detail: 'the cursor is of another list: begin again without one',
      errors: [{ parameter: 'cursor', detail: 'it belongs to a list with other filters' }],
    })
  const precondition: Result<Precondition, Refusal> = needsPrecondition(operation)
    ? preconditionOf(c)
    : ok({ state: 'any' })
  if (!precondition.ok) return precondition
  return ok({
    params: params.data,
    query: query.data,
    body: body?.data,
    text,
    page: { most: page.data.limit, behind },
    precondition: precondition.value,
    cursorTo: (position) => makeCursor(cursorKey, list, position),
  })
}

const segment = z.string().min(1).max(2048)

function paramsSchema({ params }: Operation, segments: Readonly<Record<string, string>>): z.ZodObject {
  const all = Object.fromEntries(Object.keys(segments).map((name) => [name, segment]))
  return z.object({ ...all, ...params?.shape })
}

/** A body where none belongs is refused as an unknown field is: its sender means something by it. */
function jsonOf(c: Http, operation: Operation, text: string): Result<unknown, Refusal> {
  if (!operation.body)
    return text === '' ? ok(undefined) : err({ kind: 'malformed', detail: 'this operation takes no body' })
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return err({ kind: 'malformed', detail: 'send the body as application/json' })
  const parsed = parseStrictJson(text)
  return parsed.ok ? parsed : err({ kind: 'malformed', detail: parsed.error })
}

function queryOf(c: Http): Result<Record<string, string>, Refusal> {
  const sent = Object.entries(c.req.queries())
  const twice = sent.find(([, values]) => values.length > 1)
  if (twice) return err({ kind: 'malformed', detail: `the parameter \`${twice[0].slice(0, 64)}\` stands twice` })
  return ok(Object.fromEntries(sent.map(([name, [value = '']]) => [name, value])))
}

function toParameterFaults(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ parameter: key.slice(0, 64), detail: 'there is no such parameter' }))
  return [{ parameter: String(issue.path[0] ?? ''), detail: issue.message }]
}

function toBodyFaults(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'there is no such field' }))
  return [{ pointer: pointerTo(issue.path), detail: issue.message }]
}

/** RFC 6901 §6: a pointer as the fragment of a URI. */
function pointerTo(path: readonly PropertyKey[]): string {
  return `#${path.map((step) => `/${encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`
}
