import type { JWTVerifyGetKey } from 'jose'
import type { Schedule } from '../issuer/exchange.ts'
import type { Revocation } from './floors.ts'
import { verifySecurityEvent, type SetError } from './security-event.ts'
import { StreamGone, type Delivery, type Stream, type Transmitter } from './transmitter.ts'

/** `connecting` until the first snapshot is there; `degraded` when nothing was heard for ten seconds. */
export type ConnectionStatus = 'connecting' | 'connected' | 'degraded'

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly issuer: string
  /** The client id of the credential: what SETs are addressed to. */
  readonly audience: string
  readonly transmitter: Transmitter
  readonly keys: JWTVerifyGetKey
  readonly clock: () => number
  readonly schedule: Schedule
  /** From 0 to below 1: spreads the guards of a server that comes back. */
  readonly random: () => number
  /** Told of each revocation before it is acknowledged. */
  readonly onRevocations: (revocations: readonly Revocation[]) => void
  /** Told each time that everything up to now is known. */
  readonly onContact: () => void
  readonly onError: (error: Error) => void
}

/** The guard's end of the signals of one issuer. */
export interface Connection {
  readonly status: () => ConnectionStatus
  /** Resolves with the first snapshot, or when the connection is closed before. */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

/** A transmitter answers each long poll within five seconds, so this is silence. */
export const SILENCE_MS = 10_000
/** A pause after a failure doubles from the first to the second. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** A long poll that has nothing to say comes back no sooner than that, whatever the transmitter thinks. */
const SHORTEST_ROUND_MS = 200
const EVENTS_A_POLL = 250
/** SETs of a stream that were taken, and are not verified again when they are delivered again (RFC 8936 §2.3). */
const MAX_KNOWN = 10_000

/**
 * Follows the signals of an issuer until it is closed. A stream is polled until nothing more is available, which makes
 * the snapshot, and from then on with long polls. Whatever goes wrong is tried again, and changes nothing but the status.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { transmitter, clock, random } = options
  const closing = new AbortController()
  const known = new Set<string>()
  let contactAt: number | undefined
  let lastStepAt = -Infinity
  let stream: Stream | undefined
  let isCaughtUp = false
  let ack: readonly string[] = []
  let failures = 0
  let isTold = false
  let becomeReady = (): void => {}
  const ready = new Promise<void>((resolve) => (becomeReady = resolve))

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await step()
        failures = 0
        isTold = false
      } catch (cause) {
        if (closing.signal.aborted) return
        await recover(cause)
      }
    }
  }

  async function step(): Promise<void> {
    const startedAt = clock()
    // A clock that went back may have ended floors before their time: the snapshot of a new stream has them again.
    if (startedAt < lastStepAt) stream = undefined
    lastStepAt = startedAt
    if (stream === undefined) {
      ack = []
      known.clear()
      isCaughtUp = false
      stream = await transmitter.createStream(closing.signal)
    }
    const waits = isCaughtUp
    const poll = { ack, returnImmediately: !waits, maxEvents: EVENTS_A_POLL }
    const delivery = await stream.poll(poll, closing.signal)
    const isNews = Object.keys(delivery.sets).some((jti) => !known.has(jti))
    await take(delivery, stream)
    ack = Object.keys(delivery.sets)
    isCaughtUp = !delivery.moreAvailable
    if (isCaughtUp) {
      contactAt = clock()
      options.onContact()
      becomeReady()
    }
    if (isNews) return
    if (!isCaughtUp) throw new Error(`${options.issuer} has more signals, and does not deliver them`)
    const early = startedAt + SHORTEST_ROUND_MS - clock()
    if (waits && early > 0) await pause(early)
  }

  /** Applies what verifies. What does not may have been a revocation, so then the stream is given up for a new snapshot. */
  async function take({ sets }: Delivery, from: Stream): Promise<void> {
    const revocations: Revocation[] = []
    const setErrs: Record<string, SetError> = {}
    const taken: string[] = []
    let noVerdict: unknown
    for (const [jti, set] of Object.entries(sets)) {
      if (known.has(jti)) continue
      try {
        const event = await verifySecurityEvent(jti, set, options)
        if (!event.ok) {
          setErrs[jti] = event.error
          continue
        }
        if (event.value !== undefined) revocations.push(event.value)
        taken.push(jti)
      } catch (error) {
        noVerdict = error
      }
    }
    options.onRevocations(revocations)
    for (const jti of taken) remember(jti)
    const [refused] = Object.values(setErrs)
    if (refused === undefined && noVerdict === undefined) return
    stream = undefined
    if (refused !== undefined) {
      const last = { ack: taken, setErrs, returnImmediately: true, maxEvents: 0 }
      await from.poll(last, closing.signal).catch(() => {})
    }
    await from.remove().catch(() => {})
    const reason = refused ? `${refused.err}, ${refused.description}` : 'its key cannot be had'
    throw new Error(`a signal of ${options.issuer} does not verify: ${reason}`, { cause: noVerdict })
  }

  function remember(jti: string): void {
    known.add(jti)
    const [oldest] = known
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  }

  async function recover(cause: unknown): Promise<void> {
    failures += 1
    // The next poll does not wait for news: whether something was missed has to be known at once.
    isCaughtUp = false
    if (cause instanceof StreamGone) stream = undefined
    // An outage is told once, and a stream that has ended is none.
    if (!isTold && (failures > 1 || !(cause instanceof StreamGone))) {
      isTold = true
      options.onError(new Error(`the signals of ${options.issuer} cannot be had`, { cause }))
    }
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
    await pause((longest / 2) * (1 + random()))
  }

  function pause(milliseconds: number): Promise<void> {
    const { signal } = closing
    return new Promise((resolve) => {
      const end = (): void => {
        callOff()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const callOff = options.schedule(end, milliseconds)
      signal.addEventListener('abort', end)
    })
  }

  // Only `onError` can make it fail, and then the operator has to see that nothing is followed any more.
  void follow()

  return {
    status() {
      if (contactAt === undefined) return 'connecting'
      const silence = clock() - contactAt
      // A clock that went back says nothing about how long ago that was.
      return silence >= 0 && silence < SILENCE_MS ? 'connected' : 'degraded'
    },
    ready,
    async close() {
      closing.abort()
      becomeReady()
      // The transmitter ends a stream that nobody polls; this only spares it the wait.
      await stream?.remove().catch(() => {})
    },
  }
}
