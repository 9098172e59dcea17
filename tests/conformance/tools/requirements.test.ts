import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findGaps, idsOf, parseRequirements, type TestOutcome } from './requirements.ts'

const file = join(import.meta.dirname, '../../../docs/reference/requirements.md')
const page = `
| ID | level | requirement | source | status |
| --- | --- | --- | --- | --- |
| AS-1 | MUST | a | RFC 1 | claimed |
| AS-2 | MUST NOT | b | RFC 2 | waived: not built |
| RS-1 | MAY | c | RFC 3 | claimed |
`
const passed = (name: string): TestOutcome => ({ name, file: 'a.test.ts', outcome: 'passed' })

test('the page of the repository is sound', () => {
  const { requirements, faults } = parseRequirements(readFileSync(file, 'utf8'))
  assert.deepEqual(faults, [])
  assert.ok(requirements.length > 100)
})

test('the page has every line of the catalogue that the first version stands for, so that none can be lost', () => {
  const ranges = {
    AS: [1, [3, 10], 18, 19, [22, 35], [50, 75], [80, 84], [90, 105], [110, 112], [125, 132]],
    RS: [[1, 20], [22, 27], 35, [40, 45], [60, 62], 64],
    TR: [[1, 18], 21, 22, [25, 28]],
    BC: [[1, 9], 13, 14],
  }
  const ids = new Set(parseRequirements(readFileSync(file, 'utf8')).requirements.map(({ id }) => id))
  for (const [role, parts] of Object.entries(ranges)) {
    for (const part of parts) {
      const [first = 0, last = first] = [part].flat()
      for (let number = first; number <= last; number++) assert.ok(ids.has(`${role}-${number}`), `${role}-${number}`)
    }
  }
})

test('a line is read with its reason for being waived', () => {
  const { requirements, faults } = parseRequirements(page)
  assert.deepEqual(faults, [])
  assert.deepEqual(requirements[1], { id: 'AS-2', level: 'MUST NOT', text: 'b', source: 'RFC 2', waived: 'not built' })
  assert.equal(requirements[0]?.waived, undefined)
})

test('a line with an unknown status, level or shape, a second line and an empty page are faults', () => {
  for (const line of [
    '| AS-1 | MUST | a | RFC 1 | waived |',
    '| AS-1 | MUST | a | RFC 1 | waived: |',
    '| AS-1 | MUST | a | RFC 1 | soon |',
    '| AS-1 | OUGHT | a | RFC 1 | claimed |',
    '| AS-1 | MUST | a | claimed |',
    '| XX-1 | MUST | a | RFC 1 | claimed |',
    '| AS-1 | MUST | a | RFC 1 | claimed |\n| AS-1 | MUST | a | RFC 1 | claimed |',
  ]) {
    assert.equal(parseRequirements(`${line}\n| AS-9 | MUST | z | RFC 9 | claimed |`).faults.length, 1, line)
  }
  assert.deepEqual(parseRequirements('').faults, ['the page has no requirement'])
})

test('a test proves the ids with which its name starts, and only those', () => {
  assert.deepEqual(idsOf('AS-1, RS-12: a sentence'), ['AS-1', 'RS-12'])
  for (const name of ['AS-1 a sentence', 'a sentence about AS-1: b', 'AS-1:', 'AS-1, a: b'])
    assert.deepEqual(idsOf(name), [])
})

test('nothing is missing when every claimed line has a passing test', () => {
  const { requirements } = parseRequirements(page)
  assert.deepEqual(findGaps(requirements, [passed('AS-1, RS-1: a')]), [])
})

test('a claim without a passing test is a gap, whatever its level', () => {
  const { requirements } = parseRequirements(page)
  assert.deepEqual(findGaps(requirements, [passed('AS-1: a')]), [
    'RS-1 (MAY) is claimed, and no passing test is named after it',
  ])
  const failed: TestOutcome = { ...passed('RS-1: a'), outcome: 'failed', failure: 'b' }
  assert.equal(findGaps(requirements, [passed('AS-1: a'), failed]).length, 2)
  assert.equal(findGaps(requirements, [passed('AS-1: a'), { ...failed, outcome: 'skipped' }]).length, 2)
})

test('a test without id or with an unknown one, and a run without tests, are gaps', () => {
  const { requirements } = parseRequirements(page)
  const all = passed('AS-1, RS-1: a')
  assert.match(findGaps(requirements, [all, passed('a sentence')]).join(), /names no requirement/)
  assert.match(findGaps(requirements, [all, passed('AS-77: a')]).join(), /AS-77/)
  assert.deepEqual(findGaps(requirements, []), ['no test ran'])
})
