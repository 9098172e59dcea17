// Reads what the official runner says, and is harder to please than the runner itself.

/** A check of a scenario, as the runner writes it. */
export interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

export interface ScenarioResult {
  readonly scenario: string
  readonly revision: string
  readonly code: number
  readonly checks: readonly Check[]
  /** What runner and client printed. */
  readonly output: string
}

/** The client scenarios in the answer to `list --requirements`. */
export function scenariosOf(list: string): string[] {
  const [, section = ''] = list.split('Client scenarios (test against a client):\n')
  const [own = ''] = section.split('\n\n')
  return [...own.matchAll(/^ {2}- (\S+)$/gm)].map(([, name = '']) => name)
}

/** What is wrong with a scenario; empty when it passed. Something must have been seen, and a warning is not a pass. */
export function faultsOf({ code, checks, output }: ScenarioResult): string[] {
  const bad = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, errorMessage }) => `${status} ${id}${errorMessage === undefined ? '' : `: ${errorMessage}`}`)
  if (!checks.some(({ status }) => status === 'SUCCESS')) bad.push('no check succeeded')
  if (code !== 0) bad.push(`the runner exits with ${code}:\n${output.slice(-2000)}`)
  return bad
}

export function lineOf(result: ScenarioResult): string {
  const faults = faultsOf(result)
  const passed = result.checks.filter(({ status }) => status === 'SUCCESS').length
  const row = `${faults.length === 0 ? '✔' : '✖'} ${result.revision}  ${result.scenario.padEnd(46)} ${String(passed).padStart(3)} checks`
  return [row, ...faults.map((fault) => `    ${fault}`)].join('\n')
}

/** One line that says how it went. A revision of which nothing ran is a failure. */
export function verdictOf(
  results: readonly ScenarioResult[],
  revisions: readonly string[],
): { passed: boolean; line: string } {
  const failed = results.filter((result) => faultsOf(result).length > 0)
  const unseen = revisions.filter((revision) => !results.some((result) => result.revision === revision))
  const checks = results.flatMap((result) => result.checks).filter(({ status }) => status === 'SUCCESS').length
  const passed = results.length > 0 && failed.length === 0 && unseen.length === 0
  const counts = `${results.length} scenarios, ${checks} checks passed, ${failed.length} scenarios failed`
  const missing = unseen.length === 0 ? '' : `, none of ${unseen.join(', ')} ran`
  return { passed, line: `${passed ? '✔' : '✖'} client mode: ${counts}${missing}` }
}
