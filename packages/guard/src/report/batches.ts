import type { AuditEvent } from '../audit.ts'
import type { GuardApi } from '../issuer/guard-api.ts'
import type { Schedule } from '../issuer/exchange.ts'
import { createNap } from './nap.ts'

/** What is told at once, under one id: however often it is sent, it counts once. */
interface Batch {
  readonly batch: string
  /** Decisions since the batch before that were lost, since there was no room for them. */
  readonly dropped: number
  /** Requests since the batch before that had no good token: counted only, because nobody knows whose they were. */
  readonly unauthenticated: number
  readonly events: readonly AuditEvent[]
}

/** How long things take; other numbers are for tests only. */
export interface Timing {
  /** Decisions wait so long for others that go along. */
  readonly gatherMs: number
  /** Bare counts wait so long: they are no news, and a flood of bad requests must not become one of ours. */
  readonly countsMs: number
  /** The wait after the first failure; doubled with each further one. */
  readonly retryMs: number
  readonly longestRetryMs: number
  /** What one request may take. */
  readonly requestMs: number
  /** What `close` may take. */
  readonly closeMs: number
}

export const TIMING: Timing = {
  gatherMs: 250,
  countsMs: 60_000,
  retryMs: 500,
  longestRetryMs: 30_000,
  requestMs: 10_000,
  closeMs: 5_000,
}

/** In one batch. The server takes up to 500; it writes them in one go, while others wait. */
const MAX_EVENTS = 200

export interface BatchOptions {
  readonly issuer: string
  readonly api: GuardApi
  readonly schedule: Schedule
  /** The MCP server, by one of its names. */
  readonly resource: string
  readonly onError: (error: Error) => void
  /** How many decisions may wait. */
  readonly capacity: number
  readonly timing: Timing
}

/** Decisions on their way to the authorization server. */
export interface Batches {
  /** Says whether there was room. */
  add(event: AuditEvent): boolean
  /** One decision more that nobody will be told of. */
  countDropped(): void
  countUnauthenticated(): void
  /** How many wait, and how many were lost since the guard was made. */
  status(): { readonly queued: number; readonly dropped: number }
  /** Sends what waits, for a few seconds at most, and stops. */
  close(): Promise<void>
}

/** What became of a batch: there, never to be taken, or to be sent again. */
type Fate =
  | { readonly is: 'taken' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'again'; readonly why: string }

/**
 * Makes the queue: bounded, in the order of the decisions, one batch under way at a time. A batch keeps its id over all
 * tries, because a lost answer does not say whether the batch was taken.
 */
export function createBatches({ issuer, api, schedule, resource, onError, capacity, timing }: BatchOptions): Batches {
  const waiting: AuditEvent[] = []
  let counts = { dropped: 0, unauthenticated: 0 }
  let droppedEver = 0
  let current: Batch | undefined
  let failures = 0
  let running = Promise.resolve()
  let isRunning = false
  const nap = createNap(schedule)
  let isClosed = false
  const over = new AbortController()

  const queued = (): number => waiting.length + (current?.events.length ?? 0)
  const hasCounts = (): boolean => counts.dropped + counts.unauthenticated > 0
  const isLeft = (): boolean => !over.signal.aborted && (queued() > 0 || current !== undefined || hasCounts())

  /** How long from now until something is sent. Closing only hurries: what just failed still gets its pause. */
  function pauseMs(): number {
    if (failures > 0)
      return isClosed ? timing.retryMs : Math.min(timing.retryMs * 2 ** (failures - 1), timing.longestRetryMs)
    if (isClosed || current !== undefined || waiting.length >= MAX_EVENTS) return 0
    return waiting.length > 0 ? timing.gatherMs : timing.countsMs
  }

  /** Runs while anything is left. Whoever wakes it makes it look again how long there is to wait. */
  async function run(): Promise<void> {
    isRunning = true
    while (isLeft()) {
      const pause = pauseMs()
      if (pause === 0 || (await nap.sleep(pause))) await send()
    }
    isRunning = false
  }

  function start(): void {
    if (!isRunning) running = run()
  }

  async function send(): Promise<void> {
    current ??= nextBatch()
    const fate = await deliver(current)
    if (fate.is === 'again') {
      failures += 1
      if (failures === 1) onError(new Error(`decisions could not be reported, and will be tried again: ${fate.why}`))
      return
    }
    const { length } = current.events
    current = undefined
    failures = 0
    if (fate.is === 'taken') return
    drop(length)
    onError(new Error(`${length} decisions are lost, since their report is refused: ${fate.why}`))
  }

  function nextBatch(): Batch {
    const batch = { batch: crypto.randomUUID(), ...counts, events: waiting.splice(0, MAX_EVENTS) }
    counts = { dropped: 0, unauthenticated: 0 }
    return batch
  }

  async function deliver(batch: Batch): Promise<Fate> {
    try {
      const { status } = await api({
        method: 'POST',
        url: `${issuer}/guard/decisions`,
        body: { server: resource, ...batch },
        signal: over.signal,
        timeoutMs: timing.requestMs,
      })
      return fateOf(status)
    } catch (error) {
      return { is: 'again', why: error instanceof Error ? error.message : String(error) }
    }
  }

  function drop(count: number): void {
    if (count === 0) return
    counts.dropped += count
    droppedEver += count
  }

  return {
    add(event) {
      if (isClosed || queued() >= capacity) return false
      waiting.push(event)
      if (!isRunning) {
        start()
        return true
      }
      // The first makes a wait for bare counts shorter, and the one that fills a batch ends the wait for others.
      if (failures === 0 && (waiting.length === 1 || waiting.length === MAX_EVENTS)) nap.wake()
      return true
    },
    countDropped() {
      drop(1)
      start()
    },
    countUnauthenticated() {
      counts.unauthenticated += 1
      start()
    },
    status: () => ({ queued: queued(), dropped: droppedEver }),
    async close() {
      isClosed = true
      start()
      nap.wake()
      // A timer that keeps the process: whoever waits for the end waits for this.
      const timer = setTimeout(() => (over.abort(), nap.wake()), timing.closeMs)
      await running
      clearTimeout(timer)
      if (queued() > 0) onError(new Error(`${queued()} decisions are lost: they could not be reported before the end`))
    },
  }
}

/** What is wrong with a batch stays wrong; everything else may be put right while it waits. */
function fateOf(status: number): Fate {
  if (status >= 200 && status < 300) return { is: 'taken' }
  const why = `the answer is ${status}`
  return { is: status === 400 || status === 413 || status === 422 ? 'refused' : 'again', why }
}
