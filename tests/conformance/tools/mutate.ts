// Takes each check out in turn; a named test must turn red each time.
import { guardMutants } from './guard-mutants.ts'
import { idsOf, type TestOutcome } from './requirements.ts'
import { checksModules, findMutants, preloadWithout, suitesFor, type Mutant } from './mutants.ts'
import { runSuites } from './run-suites.ts'

/** What became of one mutant. */
export interface MutantOutcome {
  readonly mutant: Mutant
  /** The test that noticed; undefined for a survivor. */
  readonly killedBy: string | undefined
}

/** More than cores: a suite waits now and then for a server that starts. */
const PARALLEL_MUTANTS = 3

/** Which mutants are run: one of `share`, another each day. */
export interface Share {
  readonly share: number
  readonly day: number
}

/** Runs mutants against the suites, which are green with every check in place. */
export async function mutate(
  suites: readonly string[],
  { share, day }: Share,
  onOutcome: (outcome: MutantOutcome) => void,
): Promise<MutantOutcome[]> {
  const rows = (await Promise.all(checksModules().map((module) => findMutants(module)))).flat()
  const waiting = [...rows, ...guardMutants].filter((_, index) => index % share === day % share)
  const outcomes: MutantOutcome[] = []
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const outcome = { mutant, killedBy: await killerOf(mutant, suites) }
      outcomes.push(outcome)
      onOutcome(outcome)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_MUTANTS }, work))
  return outcomes
}

/** The name of the first test that fails without the check. */
export async function killerOf(mutant: Mutant, suites: readonly string[]): Promise<string | undefined> {
  for (const files of suitesFor(mutant, suites)) {
    if (files.length === 0) continue
    const outcomes = await runSuites(files, { preload: preloadWithout(mutant), parallel: 1, stopAfter: noticed })
    // A test file that cannot load fails under its own name: that says something about the tools, not about the row.
    const broken = outcomes.find((outcome) => outcome.outcome === 'failed' && !noticed(outcome))
    if (broken !== undefined)
      throw new Error(
        `${mutant.table}/${mutant.row}: ${broken.name} did not run: ${broken.failure ?? 'no reason was given'}`,
      )
    const killer = outcomes.find(noticed)
    if (killer !== undefined) return killer.name
  }
  return undefined
}

function noticed({ name, outcome }: TestOutcome): boolean {
  return outcome === 'failed' && idsOf(name).length > 0
}
