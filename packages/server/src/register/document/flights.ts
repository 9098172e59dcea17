import type { Result } from '@permitry/oauth'
import type { DocumentFailure, Standing } from './standing.ts'

type Outcome = Promise<Result<Standing, DocumentFailure>>

const PAUSE_MS = 60_000

/** The fetches of one tenant's documents that are under way in this process. Nothing that came of them is kept here. */
export class DocumentFlights {
  readonly #underWay = new Map<string, Outcome>()
  readonly #pausedUntil = new Map<string, number>()

  /** One fetch at a time for each document: whoever comes meanwhile waits for the same outcome. */
  join(url: string, begin: () => Outcome): Outcome {
    const underWay = this.#underWay.get(url)
    if (underWay) return underWay
    const flight = begin().finally(() => this.#underWay.delete(url))
    this.#underWay.set(url, flight)
    return flight
  }

  /** A host that is down is not asked again by everybody whom the stale document serves. For documents that are stored only. */
  pause(url: string, now: number): void {
    this.#pausedUntil.set(url, now + PAUSE_MS)
  }

  isPaused(url: string, now: number): boolean {
    const until = this.#pausedUntil.get(url)
    if (until === undefined || until > now) return until !== undefined
    this.#pausedUntil.delete(url)
    return false
  }
}
