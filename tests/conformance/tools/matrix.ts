// The page docs/reference/conformance.md: each requirement beside the tests that are named after it, and the checks that are taken out.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { checksModules, findMutants } from './mutants.ts'
import { idsOf, parseRequirements } from './requirements.ts'
import { allSuites, clientSuites } from './run-suites.ts'

export const PAGE = new URL('../../../docs/reference/conformance.md', import.meta.url)
const REQUIREMENTS = new URL('../../../docs/reference/requirements.md', import.meta.url)

/** Names of tests as they stand in the source; a run proves them, this page only says where they are. */
const NAME = /\b(?:test|it)\(\s*(['"`])((?:AS|RS|TR|BC|CL)-\d+(?:, (?:AS|RS|TR|BC|CL)-\d+)*: .*?)\1/gs

export async function matrixPage(): Promise<string> {
  const { requirements } = parseRequirements(readFileSync(REQUIREMENTS, 'utf8'))
  const tests = [...allSuites(), ...clientSuites()].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(NAME)].map(([, , name = '']) => ({ file: basename(file), name })),
  )
  const mutants = (await Promise.all(checksModules().map(findMutants))).flat()
  const claimed = requirements.filter(({ waived }) => waived === undefined)
  const rows = requirements.map(({ id, level, waived }) => {
    const files = new Map<string, number>()
    for (const { file } of tests.filter(({ name }) => idsOf(name).includes(id)))
      files.set(file, (files.get(file) ?? 0) + 1)
    const where = [...files].map(([file, count]) => (count === 1 ? file : `${file} (${count})`)).join(', ')
    return `| ${id} | ${level} | ${waived === undefined ? 'claimed' : `waived: ${waived}`} | ${where} |`
  })
  const tables = Map.groupBy(mutants, ({ room, table }) => `${room}/${table}`)
  return `# Conformance

Made by \`npm run conformance:page\` from [requirements.md](requirements.md) and the names of the tests; \`npm test\` fails when it is not up to
date. What proves it is a run: \`npm run conformance\` runs the tests and fails for a claim without a passing one, \`npm run conformance --
--mutate\` takes out the checks below one at a time and fails for one that no test misses.

${requirements.length} requirements, ${claimed.length} claimed, ${requirements.length - claimed.length} waived; ${mutants.length} checks that are taken out.

| ID | level | status | tests |
| --- | --- | --- | --- |
${rows.join('\n')}

## Checks that are taken out

| table | checks |
| --- | --- |
${[...tables].map(([table, list]) => `| ${table} | ${list.map(({ row }) => row).join(', ')} |`).join('\n')}
`
}
