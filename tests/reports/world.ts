// What the reports of guards are tried with: a server with a credential, and somebody's token whose calls are reported.
import { randomUUID } from 'node:crypto'
import { addCredential, guardToken, type ServerCredential, type Stack, startStack, VET_ASSIST } from '@permitry/testkit'
import { decodeJwt } from 'jose'
import { tokensOf } from '../security/world.ts'

export interface World {
  readonly stack: Stack
  readonly credential: ServerCredential
  /** The claims of a token of Bob's. */
  readonly bob: Readonly<Record<string, unknown>>
  close(): Promise<void>
}

export async function openWorld(options: Parameters<typeof startStack>[0] = {}): Promise<World> {
  const stack = await startStack(options)
  const credential = await addCredential(stack)
  const { access } = await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  return { stack, credential, bob: decodeJwt(access), close: () => stack.close() }
}

/** A decision about a call of Bob's, as a guard tells of it. */
export function eventOf({ bob }: World, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { iss, sub, client_id, jti, fam } = bob
  return {
    decision_id: `dec_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
    at: Date.now(),
    outcome: 'allow',
    reasons: ['allowed'],
    iss,
    sub,
    client_id,
    jti,
    fam,
    action: 'tools/call',
    resource: { type: 'tool', id: 'list_pets' },
    ...more,
  }
}

/** Sends a report as the holder of a credential. */
export async function report(
  { stack: { issuer }, credential }: Pick<World, 'stack' | 'credential'>,
  path: '/decisions' | '/catalogue',
  body: unknown,
  options: { readonly token?: string; readonly scope?: string } = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const token =
    options.token ?? (await guardToken(credential, options.scope === undefined ? {} : { scope: options.scope }))
  const response = await fetch(`${issuer}/guard${path}`, {
    method: path === '/decisions' ? 'POST' : 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}

export const batchOf = (events: readonly unknown[], more: Readonly<Record<string, unknown>> = {}) => ({
  server: VET_ASSIST,
  batch: randomUUID(),
  dropped: 0,
  unauthenticated: 0,
  events,
  ...more,
})

/** Everything in the audit chain of some types, the oldest first. */
export async function auditOf({ stack: { store } }: World, ...types: readonly string[]) {
  const rows = await store.read((db) =>
    db.selectFrom('audit_events').selectAll().where('type', 'in', types).orderBy('at').orderBy('seq').execute(),
  )
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Readonly<Record<string, unknown>> }))
}

export function decisionsOf({ stack: { store } }: World) {
  return store.read((db) => db.selectFrom('decisions').selectAll().orderBy('at').orderBy('id').execute())
}
