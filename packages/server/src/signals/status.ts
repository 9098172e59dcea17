import { errorBody } from '@permitry/oauth'
import { z } from 'zod'
import { forGuard } from '../guards/authenticate.ts'
import { readBody } from '../guards/body.ts'
import { newId } from '../keys/secrets.ts'
import { findStream, malformed, noStream } from './stream.ts'

const StreamId = z.string().max(200)
const Status = z.object({ stream_id: StreamId, status: z.enum(['enabled', 'paused', 'disabled']) })
const Verification = z.object({ stream_id: StreamId, state: z.string().max(1000).optional() })

/** `GET /guard/status` (SSF 1.0 §8.1.2.1): a stream is enabled until it ends. */
export const showStatus = forGuard('signals', async (realm, c, guard) => {
  const id = c.req.query('stream_id') ?? ''
  const stream = await realm.read((t) => findStream(t, guard, id, realm.now()))
  return stream ? c.json({ stream_id: id, status: 'enabled' }) : noStream(c)
})

/** `POST /guard/status` (§8.1.2.2): no guard may ask not to be told what is revoked. */
export const changeStatus = forGuard('signals', async (realm, c, guard) => {
  const wanted = await readBody(c, Status)
  if (!wanted.ok) return malformed(c, wanted.error)
  const { stream_id: id, status } = wanted.value
  const stream = await realm.read((t) => findStream(t, guard, id, realm.now()))
  if (!stream) return noStream(c)
  if (status === 'enabled') return c.json({ stream_id: id, status })
  return c.json(errorBody('access_denied', 'a stream cannot be paused: end it'), 403)
})

/** `POST /guard/verify` (§8.1.4.2): puts a verification event into a stream, in the place of one that is still waiting there. */
export const verifyStream = forGuard('signals', async (realm, c, guard) => {
  const wanted = await readBody(c, Verification)
  if (!wanted.ok) return malformed(c, wanted.error)
  const { stream_id: id, state = null } = wanted.value
  const found = await realm.unit(async (t) => {
    const stream = await findStream(t, guard, id, realm.now())
    if (stream) await t.signalStreams.verify(id, { id: newId('ver'), state })
    return stream !== undefined
  })
  if (!found) return noStream(c)
  realm.epochs.wakeAll()
  return c.body(null, 204)
})
