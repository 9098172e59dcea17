import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetadataReads } from './metadata-reads.ts'

const MINUTE = 60_000
const inspector = { address: '192.0.2.7', program: 'mcp-inspector' }

test('a reading is found by its program, by its address alone, and by no other', () => {
  const reads = new MetadataReads()
  reads.note(inspector, 5)
  assert.deepEqual(reads.find('192.0.2.7', 'mcp-inspector', 9), { at: 5, by: 'client' })
  assert.deepEqual(reads.find('192.0.2.7', undefined, 9), { at: 5, by: 'address' })
  assert.equal(reads.find('192.0.2.7', 'another', 9), undefined)
  assert.equal(reads.find('192.0.2.8', 'mcp-inspector', 9), undefined)
  assert.equal(reads.find('192.0.2.8', undefined, 9), undefined)
})

test('the last reading counts, for ten minutes', () => {
  const reads = new MetadataReads()
  reads.note(inspector, 0)
  reads.note(inspector, MINUTE)
  assert.equal(reads.find('192.0.2.7', undefined, 11 * MINUTE)?.at, MINUTE)
  assert.equal(reads.find('192.0.2.7', undefined, 11 * MINUTE + 1), undefined)
})

test('addresses of one IPv6 network are one caller, as everywhere', () => {
  const reads = new MetadataReads()
  reads.note({ address: '2001:db8::1', program: 'a' }, 0)
  assert.ok(reads.find('2001:db8::2', 'a', 0))
})

test('doctor, which reads it too, is no client', () => {
  const reads = new MetadataReads()
  reads.note({ address: '192.0.2.7', program: 'permitry-doctor' }, 0)
  assert.equal(reads.find('192.0.2.7', undefined, 0), undefined)
})

test('a flood pushes out what is oldest, and no reading is kept longer than it counts', () => {
  const reads = new MetadataReads()
  reads.note(inspector, 0)
  for (let index = 0; index < 5_000; index++) reads.note({ address: '198.51.100.1', program: `made up ${index}` }, 1)
  assert.ok(reads.size <= 2_000)
  assert.equal(reads.find('192.0.2.7', undefined, 1), undefined)
  assert.ok(reads.find('198.51.100.1', 'made up 4999', 1))
  reads.note(inspector, 12 * MINUTE)
  assert.equal(reads.size, 2)
})
