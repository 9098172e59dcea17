import assert from 'node:assert/strict'
import { test } from 'node:test'
import manifest from '../package.json' with { type: 'json' }
import { refusalOfNode } from './node-version.ts'

test('a Node that is too old is refused in one sentence that says which one will do', () => {
  for (const version of ['20.20.2', '22.23.3', '24.6.0'])
    assert.match(refusalOfNode(version) ?? '', /^needs Node 24\.7 or newer, this is /)
  for (const version of ['24.7.0', '24.21.0', '26.10.0']) assert.equal(refusalOfNode(version), undefined)
})

test('package.json names the same Node', () => {
  assert.equal(manifest.engines.node, '>=24.7')
})
