// A process of an app that has several: makes a call with the tokens that all of them share, and says what it did for that.
import { once } from 'node:events'
import { createClient } from '@permitry/client'
import { nodeNetwork } from '@permitry/client/node'
import { sqliteRows } from '@permitry/client/sqlite'
import { redirectUri } from './clinic.ts'

/** What a worker is told, as JSON in its argument. */
export interface WorkerTask {
  readonly issuer: string
  readonly server: string
  readonly clientSecret: string
  readonly file: string
  readonly key: readonly number[]
  readonly now: number
  readonly calls: number
}

/** What it prints, as JSON, after `ready` and a line on its input. */
export interface WorkerReport {
  readonly statuses: readonly string[]
  readonly refreshes: number
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2] ?? '') as WorkerTask
  let refreshes = 0
  const client = createClient({
    name: 'Vet Assist AI',
    redirectUri,
    registrations: [{ issuer: task.issuer, clientId: 'vet-assist-ai', clientSecret: task.clientSecret }],
    network: nodeNetwork({ allowOrigins: [task.issuer, new URL(task.server).origin] }),
    store: { rows: sqliteRows(task.file), key: Uint8Array.from(task.key) },
    now: () => task.now,
    onMessage({ summary }) {
      if (summary === 'POST /token refresh_token') refreshes += 1
    },
  })
  const request = { user: 'usr_bob', server: task.server, browser: 'browser' }
  console.log('ready')
  await once(process.stdin, 'data')
  const calls = Array.from({ length: task.calls }, () => client.callTool(request, { name: 'list_pets' }))
  const statuses = (await Promise.all(calls)).map(({ status }) => status)
  console.log(JSON.stringify({ statuses, refreshes } satisfies WorkerReport))
}
