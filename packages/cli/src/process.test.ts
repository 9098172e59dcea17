import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFolder, spawnPermitry } from './testing.ts'

test('as a process it reads its environment, its folder and its input, and ends with the right code', async (t) => {
  const folder = await makeFolder(t)
  const environment = { PERMITRY_DATA_DIR: 'elsewhere' }
  const spawned = async (args: readonly string[], input = '') => {
    const { code, stdout, stderr } = await spawnPermitry(folder, args, { environment, input })
    return [code, stdout.trimEnd().split('\n').at(-1), stderr.trimEnd()]
  }
  assert.deepEqual(await spawned(['apply', '--yes']), [0, 'applied: 7 made, 0 changed, 0 removed', ''])
  assert.deepEqual(await spawned(['user', 'password', 'dana'], 'from a pipe\n'), [
    0,
    'set the password of usr_dana',
    '',
  ])
  const failed = await spawned(['client', 'suspend', 'nothing'])
  assert.deepEqual(failed, [1, '', 'permitry: there is no client `nothing`: check the spelling and the tenant'])
  assert.deepEqual(await spawned(['client', 'forget']), [2, '', "permitry: unknown command 'forget'"])
})
