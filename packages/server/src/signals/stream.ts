import { errorBody } from '@permitry/oauth'
import type { Guard } from '../guards/authenticate.ts'
import type { Http } from '../http/endpoint.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { SignalStream } from '../store/repositories/signal-streams.ts'

/** A stream that nobody polls for so long has ended: its guard is gone, or has made another one. */
export const INACTIVITY_SECONDS = 300

/** Streams that nobody has polled since then have ended. */
export function oldestPoll(now: number): number {
  return now - INACTIVITY_SECONDS * 1000
}

/**
 * A living stream of this guard; of another credential it is as if there were none. A stream that was made before the
 * credential guarded one more server has passed over what concerned only that one, so it has ended too.
 */
export async function findStream(
  t: InTenant,
  guard: Guard,
  id: string,
  now: number,
): Promise<SignalStream | undefined> {
  const stream = await t.signalStreams.findLiving(id, guard.clientId, oldestPoll(now))
  if (!stream || guard.serverIds.some((id) => !stream.servers.includes(id))) return undefined
  return { ...stream, servers: guard.serverIds }
}

export function noStream(c: Http): Response {
  return c.json(errorBody('invalid_request', 'there is no such stream, or it has ended: make a new one'), 404)
}

export function malformed(c: Http, description: string): Response {
  return c.json(errorBody('invalid_request', description), 400)
}
