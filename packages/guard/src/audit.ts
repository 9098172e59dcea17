import type { Decision, Reason, ResourceType } from '@permitry/policy'
import { base64url } from './digest.ts'
import type { Item } from './operation.ts'
import type { Reports } from './report/reports.ts'
import type { Settings } from './settings.ts'
import type { Principal } from './types.ts'

/** One decision, as an audit sink is told it. No token, no argument, no name of a person. */
export interface AuditEvent {
  readonly decision_id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly outcome: Decision['outcome'] | 'error'
  readonly reasons: readonly Reason[]
  readonly iss: string
  readonly sub: string
  readonly client_id: string
  /** Which access token. */
  readonly jti: string
  /** Which family of tokens, where the authorization server says it. */
  readonly fam?: string
  /** The JSON-RPC method. */
  readonly action: string
  readonly resource: { readonly type: ResourceType; readonly id: string }
  readonly object?: { readonly type: string; readonly id: string | number }
  /** What was asked for by a challenge. */
  readonly scopes?: readonly string[]
  /** HMAC-SHA-256 of the canonical arguments, base64url; only with a key, since a bare hash of them can be guessed. */
  readonly arguments_hmac?: string
}

/** Where decisions are told, and what happens when that fails. */
export interface AuditOptions {
  /** Awaited before a tool runs. */
  readonly sink: (event: AuditEvent) => void | Promise<void>
  /** At least 32 bytes for `arguments_hmac`. */
  readonly key?: Uint8Array
  /** `deny`, the default: no call without its record. `allow`: calls go on when the sink fails. */
  readonly onFailure?: 'deny' | 'allow'
}

const KEYS: Readonly<Record<keyof AuditOptions, true>> = { sink: true, key: true, onFailure: true }

/** Faults of the audit options, each with what to write instead. */
export function* checkAudit(audit: AuditOptions): Generator<string, void> {
  if (typeof audit !== 'object' || audit === null) {
    yield '`audit` must be an object with `sink`'
    return
  }
  for (const key of Object.keys(audit)) {
    if (!Object.hasOwn(KEYS, key)) yield `\`audit.${key}\` is not known: there are ${Object.keys(KEYS).join(', ')}`
  }
  if (typeof audit.sink !== 'function') yield '`audit.sink` must be a function that takes an event'
  if (audit.key !== undefined && !(audit.key instanceof Uint8Array && audit.key.length >= 32)) {
    yield '`audit.key` must be at least 32 bytes: `crypto.getRandomValues(new Uint8Array(32))`, kept in a safe place'
  }
  if (audit.onFailure !== undefined && audit.onFailure !== 'deny' && audit.onFailure !== 'allow') {
    yield '`audit.onFailure` must be `deny` or `allow`'
  }
}

/** What is told about one decision; without `decision` it could not be made. */
export interface Told {
  readonly decisionId: string
  readonly decision: Decision | undefined
  readonly principal: Principal
  readonly method: string
  readonly item: Item
  readonly objectId: string | number | undefined
}

/**
 * Makes the function that tells of a decision, to the sink and to the authorization server. It throws when one of them has
 * no record and calls must not go on without it.
 */
export function createAudit(
  settings: Settings,
  reports: Pick<Reports, 'isOn' | 'tell'>,
): (told: Told) => Promise<void> {
  const { audit, items, onError, clock } = settings
  if (audit === undefined && !reports.isOn) return async () => {}
  const { sink, key, onFailure = 'deny' } = audit ?? {}
  const hmac = key === undefined ? undefined : createHmac(key)

  return async ({ decisionId, decision, principal, method, item, objectId }) => {
    const { iss, sub, client_id, jti, fam } = principal
    const objectType = items[item.type].get(item.id)?.object?.type
    const event: AuditEvent = {
      decision_id: decisionId,
      at: clock(),
      outcome: decision?.outcome ?? 'error',
      reasons: decision?.reasons ?? [],
      iss,
      sub,
      client_id,
      jti,
      ...(fam !== undefined && { fam }),
      action: method,
      resource: { type: item.type, id: item.id },
      ...(objectType !== undefined && objectId !== undefined && { object: { type: objectType, id: objectId } }),
      ...(decision?.outcome === 'challenge' && { scopes: decision.scopes }),
      ...(hmac && item.arguments && { arguments_hmac: await hmac(item.arguments) }),
    }
    try {
      await sink?.(event)
    } catch (cause) {
      if (onFailure === 'deny') throw new Error('the audit sink failed, so the call is refused', { cause })
      onError(new Error(`the audit sink failed for ${decisionId}`, { cause }))
    }
    reports.tell(event)
  }
}

function createHmac(key: Uint8Array): (value: unknown) => Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  // A copy: `subtle` takes no view on memory that others could change meanwhile.
  const imported = crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, ['sign'])
  return async (value) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value, sortKeys))
    return base64url(await crypto.subtle.sign('HMAC', await imported, bytes))
  }
}

/** One text for one value, in whatever order its keys were sent. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
