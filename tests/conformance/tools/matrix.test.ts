import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { matrixPage, PAGE } from './matrix.ts'

test('the page of conformance names each requirement, its tests and every check that is taken out, and is up to date', async () => {
  const page = await matrixPage()
  const unproved = page.split('\n').filter((line) => line.endsWith('| claimed |  |'))
  assert.deepEqual(unproved, [])
  assert.equal(await readFile(PAGE, 'utf8'), page, 'run `npm run conformance:page`')
})
