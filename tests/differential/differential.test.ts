import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { compare, PAGE, toPage } from './compare.ts'
import { reasons } from './differences.ts'

test('what another authorization server answers in another way has a reason here, and no reason is left over', async () => {
  const compared = await compare()
  assert.ok(compared.length > 60)
  const different = compared.filter(({ ours, theirs }) => ours !== theirs).map(({ name }) => name)
  assert.deepEqual(new Set(different), new Set(Object.keys(reasons)))
  assert.equal(await readFile(PAGE, 'utf8'), toPage(compared), 'run `npm run differences`')
})
