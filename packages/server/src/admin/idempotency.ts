import type { Operation } from '@permitry/admin-api'
import { err, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import { open, seal } from '../keys/envelope.ts'
import { sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { Refusal } from './refusal.ts'

/** So long a key is known. */
const KEPT_MS = 24 * 3_600_000
/** So long a request may be under way; afterwards nobody is coming back with an answer. */
const UNDER_WAY_MS = 60_000
const MAX_KEY_LENGTH = 255

/** What an operation answered, as it goes out. */
export interface Sent {
  readonly status: number
  readonly value: unknown
}

/**
 * Carries out a request once under the `Idempotency-Key` that its sender chose; a repeated one gets the same answer, without
 * what is shown once. Refusals are not kept: whoever corrects a request may go on under its key.
 */
export async function once(
  realm: Realm,
  c: Http,
  { operation, subjectId, text }: { readonly operation: Operation; readonly subjectId: string; readonly text: string },
  carryOut: () => Promise<Result<Sent, Refusal>>,
): Promise<Result<Sent, Refusal>> {
  const key = operation.method === 'POST' ? c.req.header('idempotency-key') : undefined
  if (key === undefined) return carryOut()
  if (key === '' || key.length > MAX_KEY_LENGTH)
    return err({ kind: 'malformed', detail: `an idempotency key has 1 to ${MAX_KEY_LENGTH} characters` })
  const id = sha256(JSON.stringify([subjectId, key]))
  const request = sha256(JSON.stringify([operation.id, new URL(c.req.url).pathname, c.req.queries(), text]))
  const context = [realm.tenant, 'idempotency_keys', id, 'answer_sealed']
  const now = realm.now()
  const known = await realm.unit(async (t) =>
    (await t.idempotencyKeys.claim({ id, request }, now + UNDER_WAY_MS, now)) ? undefined : t.idempotencyKeys.find(id),
  )
  if (known) {
    if (known.request !== request)
      return err({
        kind: 'key_reused',
        detail: 'another request was sent under this idempotency key: choose a new one',
      })
    if (known.status === null || known.answer_sealed === null)
      return err({ kind: 'under_way', detail: 'the same request is still being carried out: repeat it in a moment' })
    const kept = open(realm.secrets.envelope, known.answer_sealed, context)
    c.header('Idempotency-Replayed', 'true')
    return ok({ status: known.status, value: JSON.parse(kept) as unknown })
  }
  let done: Result<Sent, Refusal> | undefined
  try {
    done = await carryOut()
  } finally {
    if (!done?.ok) await realm.unit((t) => t.idempotencyKeys.release(id))
  }
  if (!done.ok) return done
  const { status, value } = done.value
  const repeatable = JSON.stringify(withoutSecrets(operation, value) ?? null)
  const kept = {
    id,
    status,
    answer_sealed: seal(realm.secrets.envelope, repeatable, context),
    expires_at: now + KEPT_MS,
  }
  await realm.unit((t) => t.idempotencyKeys.keep(kept))
  return done
}

function withoutSecrets({ shownOnce = [] }: Operation, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !shownOnce.includes(name)))
}
