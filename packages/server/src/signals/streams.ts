import { z } from 'zod'
import { forGuard } from '../guards/authenticate.ts'
import { readBody } from '../guards/body.ts'
import { newId } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { SignalStream } from '../store/repositories/signal-streams.ts'
import { EVENTS_SUPPORTED } from './events.ts'
import { findStream, INACTIVITY_SECONDS, malformed, noStream, oldestPoll } from './stream.ts'

/** RFC 8936: the only way of delivery, since guards are not servers that we could call. */
export const POLL = 'urn:ietf:rfc:8936'

/** Guards that run at once with one credential. A guard that starts over and over must not fill the disk. */
const MOST_STREAMS = 1000

/** What a receiver says of its stream (SSF 1.0 §8.1.1). */
const Wanted = z.object({
  stream_id: z.string().max(200).optional(),
  events_requested: z.array(z.string().max(500)).max(100).optional(),
  delivery: z.object({ method: z.literal(POLL, `streams are polled: the method is ${POLL}`) }).optional(),
  description: z.string().max(500).optional(),
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
})

/** `POST /guard/streams` (SSF 1.0 §8.1.1.1): a stream for one guard process, which begins with the snapshot. */
export const createStream = forGuard('signals', async (realm, c, guard) => {
  const wanted = await readBody(c, Wanted)
  if (!wanted.ok) return malformed(c, wanted.error)
  const { events_requested: events = EVENTS_SUPPORTED, description = null } = wanted.value
  const now = realm.now()
  const stream: SignalStream = {
    id: newId('str'),
    clientId: guard.clientId,
    servers: guard.serverIds,
    description,
    events,
    after: { epoch: 0, id: '' },
    acked: [],
    verification: null,
    polledAt: now,
  }
  await realm.unit(async (t) => {
    await t.signalStreams.add(stream, now)
    await t.signalStreams.keepNewest(guard.clientId, MOST_STREAMS)
  })
  return c.json(configurationOf(realm, stream), 201)
})

/** `GET /guard/streams` (§8.1.1.2): one of the guard's streams, or all of them. */
export const listStreams = forGuard('signals', async (realm, c, guard) => {
  const id = c.req.query('stream_id')
  const now = realm.now()
  if (id === undefined) {
    const streams = await realm.read((t) => t.signalStreams.allLiving(guard.clientId, oldestPoll(now)))
    return c.json(streams.map((stream) => configurationOf(realm, stream)))
  }
  const stream = await realm.read((t) => findStream(t, guard, id, now))
  return stream ? c.json(configurationOf(realm, stream)) : noStream(c)
})

/** `PATCH /guard/streams` (§8.1.1.3): changes what is named, `PUT` (§8.1.1.4) puts everything else back to what it was at first. */
export const changeStream = forGuard('signals', async (realm, c, guard) => {
  const wanted = await readBody(c, Wanted)
  if (!wanted.ok) return malformed(c, wanted.error)
  const { stream_id: id, events_requested, description, iss, aud } = wanted.value
  if (id === undefined) return malformed(c, 'stream_id is missing')
  const others = [aud ?? []].flat().some((one) => one !== guard.clientId)
  if ((iss !== undefined && iss !== realm.issuer) || others) return malformed(c, 'iss and aud are not yours to change')
  const changed = await realm.unit(async (t) => {
    const stream = await findStream(t, guard, id, realm.now())
    if (!stream) return undefined
    const before = c.req.method === 'PATCH' ? stream : { events: EVENTS_SUPPORTED, description: null }
    const facts = { events: events_requested ?? before.events, description: description ?? before.description }
    await t.signalStreams.describe(id, facts)
    return { ...stream, ...facts }
  })
  return changed ? c.json(configurationOf(realm, changed)) : noStream(c)
})

/** `DELETE /guard/streams` (§8.1.1.5): ends a stream, as a guard does that stops. */
export const deleteStream = forGuard('signals', async (realm, c, guard) => {
  const id = c.req.query('stream_id') ?? ''
  const wasThere = await realm.unit(async (t) => {
    const stream = await findStream(t, guard, id, realm.now())
    if (stream) await t.signalStreams.remove(id)
    return stream !== undefined
  })
  return wasThere ? c.body(null, 204) : noStream(c)
})

function configurationOf(realm: Realm, { id, clientId, events, description }: SignalStream) {
  return {
    stream_id: id,
    iss: realm.issuer,
    aud: clientId,
    delivery: { method: POLL, endpoint_url: `${realm.issuer}/guard/streams/${id}/events` },
    events_supported: EVENTS_SUPPORTED,
    events_requested: events,
    events_delivered: EVENTS_SUPPORTED.filter((type) => events.includes(type)),
    inactivity_timeout: INACTIVITY_SECONDS,
    ...(description === null ? {} : { description }),
  }
}
