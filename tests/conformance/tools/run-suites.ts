// Runs conformance suites, each in a process of its own, and hands back what became of each test.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestOutcome } from './requirements.ts'

const folder = join(import.meta.dirname, '..')
const reporter = join(import.meta.dirname, 'outcome-reporter.ts')
const TEST_TIMEOUT_MS = 60_000

/** Every suite of this folder, as absolute paths. */
export function allSuites(): string[] {
  return suitesOf(folder)
}

/** The suites of the client package, which no check of the authorization server can fail. */
export function clientSuites(): string[] {
  return suitesOf(join(folder, '../client-conformance'))
}

function suitesOf(cwd: string): string[] {
  return globSync('*.test.ts', { cwd })
    .toSorted()
    .map((name) => join(cwd, name))
}

/** How suites are run. */
export interface RunOptions {
  /** URL of a module that each test process loads first. */
  readonly preload?: string
  readonly parallel: number
  /** Ends the run when it says true; suites that were still running or waiting are not reported any further. */
  readonly stopAfter?: (outcome: TestOutcome) => boolean
}

/** Runs suites and collects their tests. A suite that cannot be loaded counts as a failed test with the name of its file. */
export async function runSuites(files: readonly string[], options: RunOptions): Promise<TestOutcome[]> {
  const waiting = [...files]
  const outcomes: TestOutcome[] = []
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !stop.signal.aborted; file = waiting.shift()) {
      for await (const outcome of runSuite(file, options.preload, stop.signal)) {
        outcomes.push(outcome)
        if (options.stopAfter?.(outcome) === true) stop.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work))
  return outcomes
}

async function* runSuite(path: string, preload: string | undefined, signal: AbortSignal): AsyncGenerator<TestOutcome> {
  const file = basename(path)
  const preloads = preload === undefined ? [] : [`--import=${preload}`]
  // without node:test's own variable, which tells a nested process that somebody else reports for it
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(
    process.execPath,
    [...preloads, `--test-reporter=${reporter}`, `--test-timeout=${TEST_TIMEOUT_MS}`, path],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const end = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', end)
  const exited = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const complaint = text(child.stderr)

  let failed = false
  for await (const line of createInterface({ input: child.stdout })) {
    // what a test prints goes the same way; only the reporter writes JSON objects
    if (signal.aborted || !line.startsWith('{"name":')) continue
    const outcome = { ...(JSON.parse(line) as Omit<TestOutcome, 'file'>), file }
    failed ||= outcome.outcome === 'failed'
    yield outcome
  }
  const code = await exited
  signal.removeEventListener('abort', end)
  if (code !== 0 && !failed && !signal.aborted) yield { name: file, file, outcome: 'failed', failure: await complaint }
}
