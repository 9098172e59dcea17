/** How long a revocation by another process on the same database may stay unseen. */
const LOOK_MS = 250

interface Waiting {
  readonly epoch: number
  readonly wake: () => void
}

export interface Epochs {
  /** The tenant's epoch as the database has it. */
  readonly read: () => Promise<number>
  /** Calls `look` after each revocation of this process; what it returns ends that. */
  readonly subscribe: (look: () => void) => () => void
}

/**
 * Wakes who waits for a tenant's epoch to be raised: at once by this process, within a quarter of a second by another one (a
 * replica, or a command of the CLI). However many wait, there is one query at a time, and none when nobody waits.
 */
export class EpochWatch {
  readonly #epochs: Epochs
  readonly #waiting = new Set<Waiting>()
  #stop: (() => void) | undefined
  #looking = false
  #lookAgain = false

  constructor(epochs: Epochs) {
    this.#epochs = epochs
  }

  /** To be read before whatever is decided on: what is revoked later raises it. */
  read(): Promise<number> {
    return this.#epochs.read()
  }

  /** Resolves when the epoch is above `epoch`, when the signal aborts, or when nobody can say any more. */
  async beyond(epoch: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    const waiting: Waiting = { epoch, wake }
    signal.addEventListener('abort', wake, { once: true })
    this.#waiting.add(waiting)
    this.#start()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', wake)
      this.#waiting.delete(waiting)
      if (this.#waiting.size === 0) this.#end()
    }
  }

  /** Wakes everybody: there is something to tell that no epoch says. */
  wakeAll(): void {
    for (const { wake } of this.#waiting) wake()
  }

  #start(): void {
    if (this.#stop) return
    const look = (): void => void this.#look()
    const timer = setInterval(look, LOOK_MS).unref()
    const unsubscribe = this.#epochs.subscribe(look)
    this.#stop = () => (clearInterval(timer), unsubscribe())
    // The epoch may have been raised between the read of whoever waits and now.
    look()
  }

  #end(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  async #look(): Promise<void> {
    // A look under way may have read before the COMMIT that rings now.
    if (this.#looking) return void (this.#lookAgain = true)
    this.#looking = true
    try {
      do {
        this.#lookAgain = false
        const now = await this.#epochs.read()
        for (const { epoch, wake } of this.#waiting) if (now > epoch) wake()
      } while (this.#lookAgain)
    } catch {
      // Whoever is woken reads by itself, and fails with the reason.
      this.wakeAll()
    } finally {
      this.#looking = false
    }
  }
}
