// What can be taken out: rows of the checks tables of the authorization server and of what it shares with the guard, and checks of
// the guard.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** One row of one exported checks table, or one check elsewhere with the edit that takes it out. */
export interface Mutant {
  /** File URL of the module that has it. */
  readonly module: string
  /** Folder of the module: the suites of the same name are the first to notice. */
  readonly room: string
  readonly table: string
  readonly row: string
  readonly source: string
  /** For a check that is no row: the text to replace, which the module has once. */
  readonly edit?: { readonly from: string; readonly to: string }
}

const packages = join(import.meta.dirname, '../../../packages')
const sources = ['server/src', 'oauth/src'].map((path) => join(packages, path))

/** The modules that export checks tables, as file URLs; by convention a table is called `…Checks`. */
export function checksModules(roots: readonly string[] = sources): string[] {
  return roots.flatMap((root) => checksModulesIn(root))
}

function checksModulesIn(root: string): string[] {
  return globSync('**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .filter((path) => /^export const \w*[cC]hecks\b/m.test(readFileSync(join(root, path), 'utf8')))
    .toSorted()
    .map((path) => pathToFileURL(join(root, path)).href)
}

/** The rows of every table that a module exports: an array of `[name, source, function]`. */
export async function findMutants(module: string): Promise<Mutant[]> {
  const room = new URL(module).pathname.split('/').at(-2) ?? ''
  const exported = Object.entries((await import(module)) as Record<string, unknown>)
  return exported.flatMap(([table, rows]) =>
    isTable(rows) ? rows.map(([row, source]) => ({ module, room, table, row, source })) : [],
  )
}

type Row = readonly [name: string, source: string, check: (...given: never[]) => unknown]

function isTable(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow)
}

function isRow(value: unknown): value is Row {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'string' &&
    typeof value[2] === 'function'
  )
}

/** The preload that takes the check out; it travels in the URL, so that nothing in the environment can switch a check off. */
export function preloadWithout({ module, table, row, edit }: Mutant): string {
  const hook = new URL(edit === undefined ? './without-row.ts' : './with-edit.ts', import.meta.url)
  for (const [name, value] of Object.entries({ module, ...(edit ?? { table, row }) }))
    hook.searchParams.set(name, value)
  return hook.href
}

/**
 * Suites in two rounds, those of the mutant's room first: they are the likeliest to notice, and then the others need not
 * run. Within a round, suites whose name shares a word with the table go first (`refreshChecks`, `token-refresh.test.ts`).
 */
export function suitesFor({ room, table }: Mutant, suites: readonly string[]): [near: string[], far: string[]] {
  const isNear = (file: string): boolean => basename(file).startsWith(room)
  const words = table.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
  const isNamed = (file: string): boolean => words.some((word) => basename(file).includes(word))
  const ordered = [...suites.filter(isNamed), ...suites.filter((file) => !isNamed(file))]
  return [ordered.filter(isNear), ordered.filter((file) => !isNear(file))]
}
