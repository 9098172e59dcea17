// Reads docs/reference/requirements.md and holds it against the results of the suites.

/** A line of the page. */
export interface Requirement {
  readonly id: string
  readonly level: string
  readonly text: string
  readonly source: string
  /** Why no test is named after it; undefined when the line is claimed. */
  readonly waived: string | undefined
}

/** What became of one test. */
export interface TestOutcome {
  readonly name: string
  readonly file: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed. */
  readonly failure?: string
}

const ROW = /^\| ((?:AS|RS|TR|BC|CL)-\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/
const STATUS = /^(?:claimed|waived: (\S.*))$/
const LEVELS = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'derived']
const NAMED = /^((?:AS|RS|TR|BC|CL)-\d+(?:, (?:AS|RS|TR|BC|CL)-\d+)*): \S/

/** The lines of the page, and what is wrong with them. */
export function parseRequirements(page: string): { requirements: Requirement[]; faults: string[] } {
  const requirements = new Map<string, Requirement>()
  const faults: string[] = []
  for (const line of page.split('\n').filter((text) => /^\|\s*[A-Z]+-\d/.test(text))) {
    const [, id, level = '', text = '', source = '', status = ''] = ROW.exec(line) ?? []
    const parsed = STATUS.exec(status)
    if (id === undefined || parsed === null) faults.push(`not a requirement: \`${line.slice(0, 60)}\``)
    else if (!LEVELS.includes(level)) faults.push(`${id}: \`${level}\` is not a level`)
    else if (requirements.has(id)) faults.push(`${id}: two lines`)
    else requirements.set(id, { id, level, text, source, waived: parsed[1] })
  }
  if (requirements.size === 0) faults.push('the page has no requirement')
  return { requirements: [...requirements.values()], faults }
}

/** The ids with which the name of a test starts. */
export function idsOf(testName: string): readonly string[] {
  return NAMED.exec(testName)?.[1]?.split(', ') ?? []
}

/**
 * Every gap between what is claimed and what was proved: a claimed line without a passing test, a test without id or
 * with an unknown one, a failed or skipped test, no test at all. A line that is waived needs no test, and may have one.
 */
export function findGaps(requirements: readonly Requirement[], outcomes: readonly TestOutcome[]): string[] {
  if (outcomes.length === 0) return ['no test ran']
  const known = new Set(requirements.map(({ id }) => id))
  const proved = new Set(outcomes.filter(({ outcome }) => outcome === 'passed').flatMap(({ name }) => idsOf(name)))
  const gaps = requirements
    .filter(({ id, waived }) => waived === undefined && !proved.has(id))
    .map(({ id, level }) => `${id} (${level}) is claimed, and no passing test is named after it`)
  for (const { name, file, outcome, failure } of outcomes) {
    const ids = idsOf(name)
    if (ids.length === 0) gaps.push(`${file}: \`${name}\` names no requirement`)
    for (const id of ids)
      if (!known.has(id)) gaps.push(`${file}: \`${name}\` names ${id}, which the page does not have`)
    if (outcome === 'failed') gaps.push(`${file}: \`${name}\` failed: ${failure ?? 'no reason was given'}`)
    if (outcome === 'skipped') gaps.push(`${file}: \`${name}\` was skipped, which proves nothing`)
  }
  return gaps
}
