import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { describeOnEachDatabase } from '../testing/databases.ts'
import { addSlip, openSlips, slipIds } from '../testing/slips.ts'

const ROUNDS = 5
const child = fileURLToPath(new URL('../testing/crash-child.ts', import.meta.url))

/** Kills the child once it has acknowledged `count` slips, and returns every id that it has said. */
async function acknowledgedBeforeKill(url: string, round: number, count: number): Promise<string[]> {
  const process_ = spawn(process.execPath, [child, url, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(process_, 'close')
  let said = ''
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > count) process_.kill('SIGKILL')
  })
  const [, signal] = (await closed) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL')
  return said.split('\n').slice(0, -1)
}

describeOnEachDatabase('a process that is killed', (emptyDatabase) => {
  test('has stored whatever it acknowledged, while another process writes to the same database', async (t) => {
    const url = await emptyDatabase(t)
    const engine = await openSlips(t, () => Promise.resolve(url))
    const expected: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const killed = acknowledgedBeforeKill(url, round, 40 + 23 * round)
      await engine.unit((tx) => addSlip(tx, `mine-${round}`))
      expected.push(`mine-${round}`, ...(await killed))
    }
    const stored = new Set(await slipIds(engine))
    assert.deepEqual(
      expected.filter((id) => !stored.has(id)),
      [],
    )
    assert.ok(expected.length > ROUNDS * 40)
  })
})
