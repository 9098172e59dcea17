// `npm run fuzz -- --minutes N [--seed S]`: the whole surface of the authorization server, spoilt requests without end.
// `npm run fuzz -- --sabotage`: takes checks out, one at a time; each must be found, or the wandering proves nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { checksModules, findMutants, preloadWithout } from '../conformance/tools/mutants.ts'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    sabotage: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
if (!(minutes > 0 && minutes <= 600) || !Number.isSafeInteger(seed)) {
  console.error('--minutes is a number up to 600, and --seed a whole number')
  process.exit(2)
}

/** Checks that an attacker from outside can feel, each by the invariant that stands for it. */
const SABOTAGES = ['redirect-uri', 'pkce', 'secret-right']

process.exitCode = (await (values.sabotage ? sabotage() : wander())) ? 0 : 1

async function wander(): Promise<boolean> {
  const end = performance.now() + minutes * 60_000
  const { cases, accepted, found } = await fuzz(seed, () => performance.now() > end)
  for (const { what, sent } of found) console.log(`✖ ${what}\n  ${JSON.stringify(sent)?.slice(0, 2_000) ?? ''}`)
  console.log(`fuzz: ${cases} cases, ${accepted} accepted, seed ${seed}, ${found.length} found`)
  return cases > 0 && accepted > 0 && found.length === 0
}

async function sabotage(): Promise<boolean> {
  const mutants = (await Promise.all(checksModules().map(findMutants))).flat()
  let noticed = 0
  for (const row of SABOTAGES) {
    const mutant = mutants.find((one) => one.row === row)
    if (mutant === undefined) throw new Error(`no checks table has the row ${row}`)
    const args = [
      '--import',
      preloadWithout(mutant),
      import.meta.filename,
      '--minutes',
      String(minutes),
      '--seed',
      String(seed),
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    const [code] = (await once(child, 'close')) as [number | null]
    const isFound = code === 1 && output.includes('✖')
    if (isFound) noticed++
    console.log(`${isFound ? '✔' : '✖'} without ${mutant.table}/${row}: ${output.split('\n')[0]}`)
  }
  console.log(`fuzz: ${SABOTAGES.length} sabotages, seed ${seed}, ${noticed} found`)
  return noticed === SABOTAGES.length
}
