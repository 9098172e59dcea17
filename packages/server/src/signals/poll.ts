import { readBody } from '../guards/body.ts'
import { type Guard, forGuard, refuseGuard } from '../guards/authenticate.ts'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { SignalStream } from '../store/repositories/signal-streams.ts'
import { readBacklog } from './backlog.ts'
import { eventOf, type SignalEvent, VERIFICATION } from './events.ts'
import { PollRequest } from './poll-request.ts'
import { signEvents } from './sign.ts'
import { findStream, malformed, noStream } from './stream.ts'

/** A guard that hears nothing for ten seconds calls itself degraded: an answer without events comes well before. */
const LONG_POLL_MS = 4_500

/** More SETs than this do not go into one answer. */
const MOST_EVENTS = 500

/** How old the last sign of life may be in the database before a poll writes the next one. */
const TOUCH_MS = 60_000

/**
 * `POST /guard/streams/{id}/events` (RFC 8936 §2): counts acknowledgements, then answers with what the guard has not been told;
 * when that is nothing, as soon as there is something. The token is looked at again before the answer goes out.
 */
export const pollEndpoint = forGuard('signals', async (realm, c, guard) => {
  const request = await readBody(c, PollRequest)
  if (!request.ok) return malformed(c, request.error)
  const id = c.req.param('id') ?? ''
  if (Object.keys(request.value.setErrs).length > 0) return endAfterErrors(realm, c, guard, id, request.value)
  const until = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(LONG_POLL_MS)])
  for (let acked = false; ; acked = true) {
    // First of all reads: what is revoked after this raises the epoch, and ends the wait.
    const epoch = await realm.epochs.read()
    const told = await tell(realm, guard, id, acked ? { ...request.value, ack: [] } : request.value)
    if (!told) return noStream(c)
    if (told.events.length > 0 || request.value.returnImmediately || request.value.maxEvents === 0 || until.aborted) {
      const sets = await signEvents(realm, guard.clientId, told.events)
      if (!(await guard.stillCounts())) return refuseGuard(c, 'invalid_token')
      return c.json({ sets, moreAvailable: told.isMore })
    }
    if (!(await guard.stillCounts())) return refuseGuard(c, 'invalid_token')
    await realm.epochs.beyond(epoch, until)
  }
})

interface Told {
  readonly events: readonly SignalEvent[]
  readonly isMore: boolean
}

/** Undefined when the stream has ended, or never was. */
async function tell(realm: Realm, guard: Guard, id: string, request: PollRequest): Promise<Told | undefined> {
  const now = realm.now()
  const stream = await realm.read((t) => findStream(t, guard, id, now))
  if (!stream) return undefined
  const mustWrite = request.ack.length > 0 || stream.polledAt < now - TOUCH_MS
  if (!mustWrite) return realm.read((t) => readEvents(realm, t, stream, request))
  return realm.unit(async (t) => {
    const found = await findStream(t, guard, id, now)
    return found && readEvents(realm, t, found, request, (progress) => t.signalStreams.advance(progress))
  })
}

async function readEvents(
  realm: Realm,
  t: InTenant,
  stored: SignalStream,
  { ack, maxEvents }: PollRequest,
  keep?: (progress: SignalStream) => Promise<void>,
): Promise<Told> {
  const now = realm.now()
  const verification = stored.verification && ack.includes(stored.verification.id) ? null : stored.verification
  const stream = { ...stored, verification, acked: [...stored.acked, ...ack] }
  const most = Math.min(maxEvents, MOST_EVENTS)
  const { pending, isMore, after, acked } = await readBacklog(t, stream, { now, most })
  await keep?.({ ...stream, after, acked, polledAt: now })
  const events = pending.map((revocation) => eventOf(realm.issuer, revocation))
  if (!verification || events.length >= most) return { events, isMore: isMore || (verification !== null && most > 0) }
  const { id, state } = verification
  const payload = state === null ? {} : { state }
  return {
    events: [...events, { id, type: VERIFICATION, subject: { format: 'opaque', id: stream.id }, payload }],
    isMore,
  }
}

/**
 * A guard that could not read a SET (RFC 8936 §2.3) does not know what is revoked, and must not go on as if it did: its stream
 * ends, and the new one that it needs begins with everything.
 */
async function endAfterErrors(
  realm: Realm,
  c: Http,
  guard: Guard,
  id: string,
  request: PollRequest,
): Promise<Response> {
  const now = realm.now()
  await realm.unit(async (t) => {
    if (!(await findStream(t, guard, id, now))) return
    await t.signalStreams.remove(id)
    await t.auditRefused({
      type: 'signals.refused',
      actor: { kind: 'client', id: guard.clientId },
      clientId: guard.clientId,
      reason: 'the guard could not read signals',
      detail: { stream: id, errors: Object.values(request.setErrs).map(({ err }) => err) },
    })
  })
  return noStream(c)
}
