// `npm run conformance`: every requirement that we claim has a passing test named after it, or the run is red.
// `npm run conformance -- --mutate`: then also every check of server and guard is missed by a test when it is taken out.
// With `--share N` each day another part of N, so that N days take them all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutate } from './tools/mutate.ts'
import { findGaps, idsOf, parseRequirements, type Requirement, type TestOutcome } from './tools/requirements.ts'
import { allSuites, clientSuites, runSuites } from './tools/run-suites.ts'

const { values } = parseArgs({
  options: { mutate: { type: 'boolean', default: false }, share: { type: 'string', default: '1' } },
})
const share = Number(values.share)
if (!(Number.isInteger(share) && share >= 1))
  throw new TypeError('--share N takes one check of N each day; 1 takes all')
const page = join(import.meta.dirname, '../../docs/reference/requirements.md')

// Mutants say something only where all is green with every check in place.
const isGood = (await reportRequirements()) && (!values.mutate || (await reportMutants()))
process.exitCode = isGood ? 0 : 1

async function reportRequirements(): Promise<boolean> {
  const { requirements, faults } = parseRequirements(readFileSync(page, 'utf8'))
  const outcomes = await runSuites([...allSuites(), ...clientSuites()], { parallel: 2 })
  const gaps = [...faults, ...findGaps(requirements, outcomes)]
  for (const requirement of requirements) console.log(rowOf(requirement, outcomes))
  if (gaps.length > 0) console.log(`\n${gaps.map((gap) => `✖ ${gap}`).join('\n')}`)
  const waived = requirements.filter((requirement) => requirement.waived !== undefined).length
  const failed = outcomes.filter(({ outcome }) => outcome !== 'passed').length
  console.log(
    `\n${requirements.length} requirements, ${requirements.length - waived} claimed, ${waived} waived, ` +
      `${outcomes.length} tests, ${failed} failed, ${gaps.length} gaps`,
  )
  return gaps.length === 0
}

function rowOf({ id, level, text, waived }: Requirement, outcomes: readonly TestOutcome[]): string {
  const own = outcomes.filter(({ name }) => idsOf(name).includes(id))
  const passed = own.filter(({ outcome }) => outcome === 'passed').length
  const mark = passed < own.length || (own.length === 0 && waived === undefined) ? '✖' : own.length === 0 ? '−' : '✔'
  const count = waived !== undefined && own.length === 0 ? 'waived' : `${passed}/${own.length}`
  return `${mark} ${id.padEnd(7)} ${level.padEnd(10)} ${count.padStart(6)}  ${waived ?? text}`
}

async function reportMutants(): Promise<boolean> {
  const outcomes = await mutate(
    allSuites(),
    { share, day: Math.floor(Date.now() / 86_400_000) },
    ({ mutant: { room, table, row }, killedBy }) => {
      console.log(
        `${killedBy === undefined ? '✖' : '✔'} ${room}/${table}/${row}: ${killedBy ?? 'SURVIVED, no test misses it'}`,
      )
    },
  )
  const survivors = outcomes.filter(({ killedBy }) => killedBy === undefined).length
  if (outcomes.length === 0) console.log('✖ no check was found to take out')
  console.log(`\n${outcomes.length} mutants, ${outcomes.length - survivors} noticed, ${survivors} survived`)
  return outcomes.length > 0 && survivors === 0
}
