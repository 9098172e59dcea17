#!/usr/bin/env node
import { once } from 'node:events'
import { environment } from './environment.ts'
import { run } from './run.ts'

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
