import { Worker } from 'node:worker_threads'
import type { CompiledQuery } from 'kysely'

export interface ScanRequest {
  id: number
  sql: string
  parameters: readonly unknown[]
}

export type ScanReply = { id: number; rows: unknown[] } | { id: number; error: Error }

export interface ScanWorkerData {
  path: string
  /** How long a query waits for a lock, in milliseconds. */
  timeout: number
}

export interface Scanner {
  scan<T>(query: CompiledQuery<T>): Promise<T[]>
  close(): Promise<void>
}

/** Runs scans in a worker thread, which starts with the first of them and again after it has died. */
export function createScanner(workerData: ScanWorkerData): Scanner {
  const pending = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: unknown) => void }>()
  let worker: Worker | undefined
  let lastId = 0

  function startWorker(): Worker {
    const started = new Worker(new URL('./sqlite-scan-worker.ts', import.meta.url), { workerData })
    started.on('message', (reply: ScanReply) => {
      const waiting = pending.get(reply.id)
      pending.delete(reply.id)
      if ('error' in reply) waiting?.reject(reply.error)
      else waiting?.resolve(reply.rows)
      if (pending.size === 0) started.unref()
    })
    started.on('error', fail)
    started.on('exit', () => {
      if (worker === started) worker = undefined
      fail(new Error('the worker that scans the database has stopped'))
    })
    return started
  }

  function fail(error: unknown): void {
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
  }

  function scan<T>({ sql, parameters }: CompiledQuery<T>): Promise<T[]> {
    worker ??= startWorker()
    // An idle worker must not keep a command of the CLI from ending.
    worker.ref()
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<T[]>()
    pending.set(id, { resolve: (rows) => resolve(rows as T[]), reject })
    worker.postMessage({ id, sql, parameters } satisfies ScanRequest)
    return promise
  }

  return {
    scan,
    async close() {
      await worker?.terminate()
    },
  }
}
