#!/usr/bin/env node
import { once } from 'node:events'
import { EXIT } from './cli-error.ts'
import { environment } from './environment.ts'
import { refusalOfNode } from './node-version.ts'

// Said before anything else is loaded: an older Node stops at the syntax of the rest, and names a line of it and no reason.
const refusal = refusalOfNode(process.versions.node)
if (refusal !== undefined) {
  process.stderr.write(`permitry: ${refusal}\n`)
  process.exit(EXIT.failure)
}
const { run } = await import('./run.ts')

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
