// Runs the official suite in server mode, and reads what it has found.
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { text } from 'node:stream/consumers'

/** One check of one scenario. A scenario may make a check of one id several times. */
export interface Check {
  readonly scenario: string
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

/** What to run: all that a revision requires and reports, or one scenario. */
export interface Selection {
  readonly revision: string
  readonly scenario?: string
}

const manifest = findPackageJSON('@modelcontextprotocol/conformance', import.meta.url)
if (manifest === undefined) throw new Error('the conformance runner is not installed: run `npm ci`')
const runner = join(dirname(manifest), 'dist/index.js')

/** Runs the suite against a server. Its exit code counts for nothing: it scores, and here results are compared. */
export async function runSuite(url: string, { revision, scenario }: Selection): Promise<Check[]> {
  const results = mkdtempSync(join(tmpdir(), 'permitry-server-'))
  // Scenarios of extensions belong to no revision, so they have to be asked for.
  const what =
    scenario === undefined
      ? ['--requirements', revision]
      : ['--scenario', scenario, '--spec-version', revision, '--force']
  try {
    const child = spawn(process.execPath, [runner, 'server', '--url', url, ...what, '-o', results], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = new Promise<void>((resolve, reject) => child.once('error', reject).once('close', () => resolve()))
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), exited])
    const checks = globSync('**/checks.json', { cwd: results }).flatMap((file) => readChecks(results, file))
    if (checks.length === 0) throw new Error(`the official suite checked nothing at ${url}:\n${output}${errors}`)
    return checks
  } finally {
    rmSync(results, { recursive: true })
  }
}

/** Folders are named `server-SCENARIO-TIME`. */
function readChecks(folder: string, file: string): Check[] {
  const scenario = /^server-(.+?)-\d{4}-\d{2}-/.exec(file.split(sep).at(-2) ?? '')?.[1]
  if (scenario === undefined) throw new Error(`the official suite names its results in another way: ${file}`)
  const checks = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Check, 'scenario'>[]
  return checks.map(({ id, status, errorMessage }) => ({
    scenario,
    id,
    status,
    ...(errorMessage !== undefined && { errorMessage }),
  }))
}
