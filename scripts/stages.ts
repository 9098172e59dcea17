// `npm run check` and `npm test`: npm scripts one after the other, with the seconds of each and one verdict over all test runners.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { verdict } from './reporter.ts'

export type Stage = { name: string; command: string; runsTests: boolean }
type Counts = { passed: number; failed: number; skipped: number }
type Outcome = { name: string; seconds: number; ok: boolean; counts: Counts; failures: readonly string[] }

const VERDICT = /^(\d+) passed, (\d+) failed, (\d+) skipped$/

/**
 * Runs every stage, also after one that failed, so that all faults are seen at once.
 * A stage that fails without a failed test counts as one failure, and so does a test stage that saw no test.
 */
export async function runStages(
  stages: readonly Stage[],
  budgetSeconds: number,
  write: (line: string) => void,
): Promise<{ ok: boolean }> {
  const outcomes: Outcome[] = []
  for (const stage of stages) {
    write(`\n▶ ${stage.name}`)
    outcomes.push(await runStage(stage, write))
  }

  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0)
  write('')
  for (const { name, seconds: own, ok } of outcomes)
    write(`${ok ? '✔' : '✖'} ${name.padEnd(14)} ${own.toFixed(1).padStart(6)} s`)
  write(`  ${'total'.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s of ${budgetSeconds}`)
  if (seconds > budgetSeconds)
    write(`WARNING: ${(seconds - budgetSeconds).toFixed(0)} s over the budget of ${budgetSeconds} s`)

  // again where the eye ends up: a log may keep its last lines only
  for (const { failures } of outcomes) for (const line of failures) write(line)

  const total = outcomes.map(({ counts }) => counts).reduce(add)
  if (stages.some(({ runsTests }) => runsTests)) {
    const { passed, failed, skipped } = total
    write(`\nℹ tests ${passed + failed + skipped}\nℹ pass ${passed}\nℹ fail ${failed}\nℹ skipped ${skipped}\n`)
    write(verdict(total))
  }
  return { ok: outcomes.every(({ ok }) => ok) }
}

const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** Every test file is a process of its own: the sources are stripped of their types once, and not by each of them. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/node'), ...process.env }

async function runStage(stage: Stage, write: (line: string) => void): Promise<Outcome> {
  const startedAt = performance.now()
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  // one stream, so that errors stand where they happened
  const child = spawn(`(${stage.command}) 2>&1`, { shell: true, stdio: ['ignore', 'pipe', 'inherit'], env })
  const exited = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    const [, passed, failed, skipped] = VERDICT.exec(line) ?? []
    // verdicts are added up and printed once, so that nobody takes a part for the whole
    if (passed === undefined) {
      write(line)
      if (line.startsWith('✖ ')) failures.push(line)
    } else counts = add(counts, { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) })
  }
  const exitCode = await exited

  if (stage.runsTests && counts.passed + counts.failed === 0) write(`✖ ${stage.name} ran no test`)
  const ok = exitCode === 0 && counts.failed === 0 && (!stage.runsTests || counts.passed > 0)
  if (!ok && counts.failed === 0) counts = { ...counts, failed: 1 }
  return { name: stage.name, seconds: (performance.now() - startedAt) / 1000, ok, counts, failures }
}

const CHECKS = ['typecheck', 'lint', 'format:check', 'unused', 'promises']
const TESTS = ['test:unit', 'test:suites']
const PLANS: Readonly<Record<string, { names: string[]; budgetSeconds: number }>> = {
  check: { names: CHECKS, budgetSeconds: 90 },
  test: { names: [...CHECKS, ...TESTS], budgetSeconds: 480 },
}

if (import.meta.main) {
  const plan = PLANS[process.argv[2] ?? '']
  if (plan === undefined) throw new Error(`say one of: ${Object.keys(PLANS).join(', ')}`)
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  // the same line that `npm run` would start, in the environment that npm already made: the pinned Node is first in PATH
  const stages = plan.names.map((name) => {
    const command = manifest.scripts[name]
    if (command === undefined) throw new Error(`package.json has no script \`${name}\``)
    return { name, command, runsTests: TESTS.includes(name) }
  })
  const { ok } = await runStages(stages, plan.budgetSeconds, (line) => console.log(line))
  process.exitCode = ok ? 0 : 1
}
