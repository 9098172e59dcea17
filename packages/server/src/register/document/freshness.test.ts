import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshUntil } from './freshness.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 24, 12)

const minutes = (headers: Record<string, string>) => (freshUntil(new Headers(headers), NOW) - NOW) / MINUTE

test('a document is fresh as long as its headers say', () => {
  assert.equal(minutes({ 'cache-control': 'public, max-age=1800' }), 30)
  assert.equal(minutes({ 'cache-control': 'max-age=1800, s-maxage="600"' }), 10)
  assert.equal(minutes({ 'cache-control': 'Max-Age=1800', age: '600' }), 20)
  const date = new Date(NOW).toUTCString()
  assert.equal(minutes({ date, expires: new Date(NOW + 40 * MINUTE).toUTCString() }), 40)
  assert.equal(minutes({ date, expires: new Date(NOW + 40 * MINUTE).toUTCString(), age: '600' }), 30)
})

test('max-age counts more than Expires', () => {
  assert.equal(minutes({ 'cache-control': 'max-age=1800', expires: '0' }), 30)
})

test('a document that says nothing is fresh for an hour', () => {
  assert.equal(minutes({}), 60)
  assert.equal(minutes({ 'cache-control': 'public' }), 60)
})

test('whatever the headers say, it is five minutes at least and a day at most', () => {
  for (const value of [
    'no-store',
    'no-cache, max-age=900',
    'private',
    'max-age=0',
    'max-age=-1',
    'max-age=x',
    'max-age',
  ])
    assert.equal(minutes({ 'cache-control': value }), 5, value)
  for (const expires of ['0', 'never', 'Thu, 01 Jan 1970 00:00:00 GMT']) assert.equal(minutes({ expires }), 5, expires)
  assert.equal(minutes({ 'cache-control': 'max-age=600', age: '86400' }), 5)
  assert.equal(minutes({ 'cache-control': 'max-age=31536000, immutable' }), 24 * 60)
  assert.equal(minutes({ 'cache-control': 'max-age=99999999999' }), 5)
})

test('a directive that is added behind another changes nothing', () => {
  assert.equal(minutes({ 'cache-control': 'max-age=600, max-age=86400' }), 10)
})
