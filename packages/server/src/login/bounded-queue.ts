/** Runs at most `running` jobs at once and keeps at most `waiting` more; what comes beyond is turned away at once. */
export interface BoundedQueue {
  /** The job's promise, or undefined when the queue is full: then the job never starts. */
  run<T>(job: () => Promise<T>): Promise<T> | undefined
}

/** Bounds work that costs memory or threads, so that a flood of requests is refused instead of exhausting the process. */
export function createBoundedQueue({ running, waiting }: { running: number; waiting: number }): BoundedQueue {
  let active = 0
  const queue: (() => void)[] = []

  function release(): void {
    active--
    queue.shift()?.()
  }

  function acquire(): Promise<void> | undefined {
    if (active < running) {
      active++
      return Promise.resolve()
    }
    if (queue.length >= waiting) return undefined
    return new Promise((resolve) => {
      queue.push(() => {
        active++
        resolve()
      })
    })
  }

  return {
    run(job) {
      const turn = acquire()
      return turn?.then(job).finally(release)
    },
  }
}
