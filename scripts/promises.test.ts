import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPromises } from './promises.ts'

const files: Record<string, string> = {
  'a.test.ts': "test('a code is spent once', () => {})\nit.skip('a skipped sentence', () => {})\n",
}
const check = (...lines: string[]) =>
  checkPromises(['Numbers: 1.01-1.02', '', ...lines].join('\n'), (file) => files[file])

const kept = '- 1.01 | Codes are spent once | a.test.ts: a code is spent once'
const notYet = '- 1.02 | Moon | not yet: needs a rocket'

test('a promise with a test and one with a reason pass', () => {
  assert.deepEqual(check(kept, notYet), { faults: [], kept: ['1.01'], notYet: ['1.02 needs a rocket'] })
})

test('a reason why something is not ours counts as neither kept nor missing, and whole numbers are numbers too', () => {
  const page = [
    'Numbers: 1-2',
    '- 1 | Codes are spent once | a.test.ts: a code is spent once',
    '- 2 | Moon | not ours: far',
  ]
  assert.deepEqual(
    checkPromises(page.join('\n'), (file) => files[file]),
    { faults: [], kept: ['1'], notYet: [] },
  )
  assert.deepEqual(checkPromises(page.slice(0, 2).join('\n'), (file) => files[file]).faults, ['2: no line'])
})

const broken: readonly (readonly [why: string, lines: string[], fault: string])[] = [
  ['a number without a line', [kept], '1.02: no line'],
  ['a test file that does not exist', [kept, '- 1.02 | Moon | b.test.ts: lands'], '1.02: `b.test.ts` does not exist'],
  [
    'a test name that is not in the file',
    [kept, '- 1.02 | Moon | a.test.ts: lands'],
    '1.02: no test named `lands` in `a.test.ts`',
  ],
  [
    'a second test that is not in the file',
    [kept, '- 1.02 | Moon | a.test.ts: a code is spent once; a.test.ts: lands'],
    '1.02: no test named `lands` in `a.test.ts`',
  ],
  [
    'a skipped test',
    [kept, '- 1.02 | Moon | a.test.ts: a skipped sentence'],
    '1.02: no test named `a skipped sentence` in `a.test.ts`',
  ],
  ['a reason that is missing', [kept, '- 1.02 | Moon | not yet: '], 'not a promise: `- 1.02 | Moon | not yet: `'],
  ['neither test nor reason', [kept, '- 1.02 | Moon | soon'], 'not a promise: `- 1.02 | Moon | soon`'],
  ['a number twice', [kept, notYet, notYet], '1.02: two lines'],
  [
    'a number that nobody asked for',
    [kept, notYet, '- 9.99 | Mars | not yet: far'],
    '9.99: not among the numbers of the list',
  ],
  ['an empty list', [], 'the list is empty'],
]

for (const [why, lines, fault] of broken) {
  test(`the list is refused for ${why}`, () => {
    assert.ok(check(...lines).faults.includes(fault), JSON.stringify(check(...lines).faults))
  })
}
