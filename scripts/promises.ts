// `npm run promises`: every numbered line of docs/promises.md and of docs/reference/pains.md names a test that exists, or says why
// there is none.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Proof = { file: string; test: string }
type Promised = { number: string; proofs: Proof[]; without?: 'not yet' | 'not ours'; reason?: string }

const LINE = /^- (\d+(?:\.\d+)?) \| ([^|]+) \| (.+)$/
const PROOF = /^(\S+\.[a-z]+): (.+)$/

/** Ranges such as `1.01-1.05, 1.10` or `1-36` as single numbers: the list against which a forgotten line is noticed. */
function expandRanges(text: string): string[] {
  return text.split(',').flatMap((range) => {
    const [first = '', last = first] = range.trim().split('-')
    const dot = first.indexOf('.') + 1
    const [from, to] = [Number(first.slice(dot)), Number(last.slice(last.indexOf('.') + 1))]
    const digits = first.length - dot
    const prefix = first.slice(0, dot)
    return Array.from({ length: to - from + 1 }, (_, i) => prefix + String(from + i).padStart(digits, '0'))
  })
}

function parsePromise(line: string): Promised | undefined {
  const [, number, , evidence = ''] = LINE.exec(line) ?? []
  if (number === undefined) return undefined
  const [, without, reason] = /^(not yet|not ours): (.+)$/.exec(evidence) ?? []
  if (reason !== undefined) return { number, proofs: [], without: without as 'not yet' | 'not ours', reason }
  const proofs = evidence.split('; ').map((item) => PROOF.exec(item.trim()))
  if (proofs.some((proof) => proof === null)) return undefined
  return { number, proofs: proofs.map((proof) => ({ file: proof?.[1] ?? '', test: proof?.[2] ?? '' })) }
}

/** A name counts where a test carries it; a skipped test proves nothing. */
function hasTest(text: string, name: string): boolean {
  const lines = text.split('\n').filter((line) => line.includes(name))
  return lines.some((line) => !/\.(skip|todo)\(|\b(skip|todo): true/.test(line))
}

/**
 * Faults of the list, and the numbers that are not built yet.
 * `readTest` answers with the text of a file, or `undefined` where there is none.
 */
export function checkPromises(
  page: string,
  readTest: (file: string) => string | undefined,
): { faults: string[]; kept: string[]; notYet: string[] } {
  const faults: string[] = []
  const lines = page.split('\n').filter((line) => line.startsWith('- '))
  const promises = lines.flatMap((line) => {
    const parsed = parsePromise(line)
    if (parsed === undefined) faults.push(`not a promise: \`${line.slice(0, 60)}\``)
    return parsed ?? []
  })

  const expected = expandRanges(/^Numbers: (.+)$/m.exec(page)?.[1] ?? '')
  if (expected.length === 0 || promises.length === 0) faults.push('the list is empty')
  const found = promises.map(({ number }) => number)
  for (const number of expected) if (!found.includes(number)) faults.push(`${number}: no line`)
  for (const [i, number] of found.entries()) {
    if (!expected.includes(number)) faults.push(`${number}: not among the numbers of the list`)
    if (found.indexOf(number) !== i) faults.push(`${number}: two lines`)
  }

  for (const { number, proofs } of promises) {
    for (const { file, test } of proofs) {
      const text = readTest(file)
      if (text === undefined) faults.push(`${number}: \`${file}\` does not exist`)
      else if (!hasTest(text, test)) faults.push(`${number}: no test named \`${test}\` in \`${file}\``)
    }
  }
  return {
    faults,
    kept: promises.filter(({ without }) => without === undefined).map(({ number }) => number),
    notYet: promises.flatMap(({ number, without, reason }) => (without === 'not yet' ? [`${number} ${reason}`] : [])),
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const readTest = (file: string): string | undefined => {
    const path = join(root, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  for (const page of ['docs/promises.md', 'docs/reference/pains.md']) {
    const { faults, kept, notYet } = checkPromises(readFileSync(join(root, page), 'utf8'), readTest)
    if (notYet.length > 0) console.log(`not yet:\n  ${notYet.join('\n  ')}`)
    for (const fault of faults) console.error(`${page}: ${fault}`)
    console.log(`${page}: ${kept.length} with a test, ${notYet.length} not yet, ${faults.length} faults`)
    if (faults.length > 0) process.exitCode = 1
  }
}
