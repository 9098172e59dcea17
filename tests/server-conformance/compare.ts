// Two runs of the official suite against one server, the second with something in front of it: check by check the same, or red.
import type { Check } from './suite.ts'

/** A check that came out in another way, or only in one of the runs. */
export interface Difference {
  readonly check: string
  readonly bare: string
  readonly behind: string
}

/** Statuses by scenario, check and number: a scenario may make one check several times. */
function byName(checks: readonly Check[]): Map<string, Check> {
  const named = new Map<string, Check>()
  for (const check of checks) {
    let number = 1
    while (named.has(`${check.scenario} ${check.id} #${number}`)) number += 1
    named.set(`${check.scenario} ${check.id} #${number}`, check)
  }
  return named
}

export function differences(bare: readonly Check[], behind: readonly Check[]): Difference[] {
  const [left, right] = [byName(bare), byName(behind)]
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name)?.status !== right.get(name)?.status)
    .map((check) => ({ check, bare: show(left.get(check)), behind: show(right.get(check)) }))
}

function show(check: Check | undefined): string {
  if (check === undefined) return 'not made'
  return check.errorMessage === undefined ? check.status : `${check.status} (${check.errorMessage})`
}

/** What is wrong with a comparison; empty when it is good. Nothing compared is nothing proven. */
export function faultsOf(bare: readonly Check[], behind: readonly Check[]): string[] {
  const found = differences(bare, behind).map(
    (one) => `${one.check}\n      bare:   ${one.bare}\n      behind: ${one.behind}`,
  )
  const nothing = bare.some(({ status }) => status === 'SUCCESS')
    ? []
    : ['no check succeeded without anything in front']
  return [...nothing, ...found]
}
