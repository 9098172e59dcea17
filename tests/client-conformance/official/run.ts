// `npm run conformance:client`: the official runner in client mode, every required scenario alone, at both revisions.
// Its own suite mode does not count a client that times out or fails, and prints a tick for a scenario that checked nothing.
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Check, scenariosOf, type ScenarioResult, verdictOf, lineOf } from './verdict.ts'

const REVISIONS = ['2026-07-28', '2025-11-25']
/** Of MCP 2025-03-26, which no requirement set names any more; spoken with `legacyServers` only. */
const LEGACY = ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback']
const PARALLEL = 2

const manifest = findPackageJSON('@modelcontextprotocol/conformance', import.meta.url)
if (manifest === undefined) throw new Error('the conformance runner is not installed: run `npm ci`')
const runner = join(dirname(manifest), 'dist/index.js')
const fixture = join(import.meta.dirname, 'fixture.ts')

interface Job {
  readonly scenario: string
  readonly revision: string
}

async function runTool(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [runner, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1))
  })
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, output: output + errors }
}

async function required(revision: string): Promise<Job[]> {
  const { output } = await runTool(['list', '--requirements', revision])
  return scenariosOf(output).map((scenario) => ({ scenario, revision }))
}

async function runScenario({ scenario, revision }: Job): Promise<ScenarioResult> {
  const results = mkdtempSync(join(tmpdir(), 'permitry-client-'))
  try {
    const { code, output } = await runTool(
      [
        'client',
        '--command',
        `"${process.execPath}" "${fixture}"`,
        '--scenario',
        scenario,
        '--spec-version',
        revision,
        '-o',
        results,
      ],
      { PERMITRY_LEGACY_SERVERS: String(LEGACY.includes(scenario)) },
    )
    const checks = globSync('**/checks.json', { cwd: results }).flatMap(
      (file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Check[],
    )
    return { scenario, revision, code, checks, output }
  } finally {
    rmSync(results, { recursive: true })
  }
}

const waiting: Job[] = (await Promise.all(REVISIONS.map(required))).flat()
for (const scenario of LEGACY) waiting.push({ scenario, revision: '2025-03-26' })
const results: ScenarioResult[] = []
async function work(): Promise<void> {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const result = await runScenario(job)
    results.push(result)
    console.log(lineOf(result))
  }
}
await Promise.all(Array.from({ length: PARALLEL }, work))

const { passed, line } = verdictOf(results, REVISIONS)
console.log(`\n${line}`)
process.exitCode = passed ? 0 : 1
