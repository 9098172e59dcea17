import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { ScanReply, ScanRequest, ScanWorkerData } from './sqlite-scanner.ts'

/** The thread of sqlite-scanner.ts: a read-only connection of its own, one query after the other. */
const { path, timeout } = workerData as ScanWorkerData
const database = new DatabaseSync(path, { readOnly: true, timeout })

parentPort?.on('message', ({ id, sql, parameters }: ScanRequest) => {
  parentPort?.postMessage(answer(id, sql, parameters))
})

function answer(id: number, sql: string, parameters: readonly unknown[]): ScanReply {
  try {
    return { id, rows: database.prepare(sql).all(...(parameters as SQLInputValue[])) }
  } catch (error) {
    return { id, error: error instanceof Error ? error : new Error(String(error)) }
  }
}
