import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFolder, ok, permitry } from './testing.ts'

test('keys are listed, rotated once at a time, and revoked with another one in their place', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const environment = { PERMITRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url') }
  const keys = async (...args: string[]) => {
    const { code, stdout, stderr } = await permitry(folder, ['keys', ...args], { environment })
    return code === 0 ? stdout.trimEnd() : stderr
  }
  interface Listed {
    readonly id: string
    readonly purpose: string
    readonly state: string
  }
  const states = async () => {
    const all = JSON.parse(await keys('list', '--json')) as Listed[]
    return all.filter(({ purpose }) => purpose === 'access').map(({ state }) => state)
  }
  assert.match((await permitry(folder, ['keys', 'rotate'])).stderr, /the master key is missing/)
  assert.match(await keys('rotate'), /are published/)
  assert.deepEqual(await states(), ['signing'])
  assert.match(await keys('rotate'), /sign in an hour/)
  assert.match(await keys('rotate'), /waiting already/)
  assert.deepEqual(await states(), ['signing', 'next'])

  const [signing] = (JSON.parse(await keys('list', '--json')) as Listed[]).filter(({ purpose }) => purpose === 'access')
  assert.equal(await keys('revoke', signing?.id ?? ''), `revoked ${signing?.id}`)
  assert.match(await keys('list'), new RegExp(`^${signing?.id} +access +ES256 +revoked `, 'm'))
  assert.deepEqual((await states()).toSorted(), ['next', 'revoked', 'signing'])
  assert.match(await keys('revoke', 'nobody'), /there is no signing key `nobody`/)
  const other = { PERMITRY_MASTER_KEY: Buffer.alloc(32, 8).toString('base64url') }
  const wrong = await permitry(folder, ['keys', 'rotate'], { environment: other })
  assert.match(wrong.stderr, /the master key does not open the signing keys/)
})
