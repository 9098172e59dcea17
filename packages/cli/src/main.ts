#!/usr/bin/env node
import { once } from 'node:events'
import { EXIT } from './cli-error.ts'
import { environment } from './environment.ts'
import { run } from './run.ts'

// Whoever reads our output may stop early, as `head` does: there is nobody left to tell.
process.stdout.on('error', () => process.exit(EXIT.failure))

process.exitCode = await run(process.argv.slice(2), {
  environment,
  folder: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  async stopRequested() {
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  },
})
