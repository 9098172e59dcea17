export interface SlotLimits {
  readonly perKey: number
  readonly total: number
  readonly waiting: number
}

/** Bounds how many run at once: for each key, and in all. */
export interface Slots {
  /**
   * Takes one slot under each of the keys, all or none, and gives them back when it is disposed of. Undefined when too
   * many wait already, or when the signal ends the wait.
   */
  take(keys: readonly string[], signal: AbortSignal): Promise<Disposable | undefined>
}

interface Waiter {
  readonly keys: readonly string[]
  readonly start: (slot: Disposable | undefined) => void
}

export function createSlots({ perKey, total, waiting: maxWaiting }: SlotLimits): Slots {
  const held = new Map<string, number>()
  const waiting = new Set<Waiter>()
  let running = 0

  const isFree = (keys: readonly string[]): boolean =>
    running < total && keys.every((key) => (held.get(key) ?? 0) < perKey)

  const hold = (keys: readonly string[]): Disposable => {
    running += 1
    for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1)
    return { [Symbol.dispose]: () => release(keys) }
  }

  const release = (keys: readonly string[]): void => {
    running -= 1
    for (const key of keys) {
      const left = (held.get(key) ?? 0) - 1
      if (left === 0) held.delete(key)
      else held.set(key, left)
    }
    // Whoever waits for another key is passed over, so that a slow host stops nobody else.
    for (const waiter of waiting) {
      if (!isFree(waiter.keys)) continue
      waiting.delete(waiter)
      waiter.start(hold(waiter.keys))
    }
  }

  return {
    async take(keys, signal) {
      if (signal.aborted) return undefined
      if (isFree(keys)) return hold(keys)
      if (waiting.size >= maxWaiting) return undefined
      const { promise, resolve } = Promise.withResolvers<Disposable | undefined>()
      const waiter = { keys, start: resolve }
      waiting.add(waiter)
      const giveUp = (): void => {
        if (waiting.delete(waiter)) resolve(undefined)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      const slot = await promise
      signal.removeEventListener('abort', giveUp)
      return slot
    },
  }
}
