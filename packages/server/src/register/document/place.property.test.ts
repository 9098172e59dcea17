// Where a client document may stand, and how long it counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshUntil } from './freshness.ts'
import { documentHost, isDocumentUrl } from './url.ts'

test('an accepted URL is read alike by the grammar of RFC 3986 and by the parser that fetches', () => {
  const piece = fc.constantFrom(
    'https://',
    'http://',
    'a.example',
    'localhost',
    '127.0.0.1',
    '/',
    '\\',
    '..',
    '.',
    '%2e',
    '@',
    ':',
    '443',
    '8443',
    '?',
    '#',
    ' ',
    'A',
    'é',
    '\t',
    '[::1]',
    'c',
  )
  const made = fc
    .tuple(fc.constantFrom('https://a.example/', 'https://', 'http://localhost/', ''), fc.string({ unit: piece }))
    .map(([start, rest]) => start + rest)
  fc.assert(
    fc.property(made, fc.boolean(), (text, onLoopback) => {
      if (!isDocumentUrl(text, onLoopback)) return
      const [, scheme, authority, path = ''] = /^([a-z]+):\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?$/.exec(text) ?? []
      const url = new URL(text)
      assert.deepEqual([`${scheme}:`, authority, path], [url.protocol, url.host, url.pathname])
      assert.equal(documentHost(text), authority)
      assert.ok(
        scheme === 'https' || (onLoopback && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/.test(authority ?? '')),
      )
      assert.ok(!path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)) && path.length > 1)
    }),
    { numRuns: 1000 },
  )
})

test('whatever the headers say, a document counts for five minutes at least and a day at most', () => {
  const now = Date.UTC(2026, 0, 1)
  const value = fc.oneof(
    fc.stringMatching(/^[ -~]*$/),
    fc.nat().map((seconds) => `max-age=${seconds}`),
    fc.constantFrom('no-store', 's-maxage="60"', 'Thu, 01 Jan 2026 06:00:00 GMT', '-1', '99999999999'),
  )
  const headers = fc.dictionary(fc.constantFrom('cache-control', 'age', 'expires', 'date'), value)
  fc.assert(
    fc.property(headers, (headers) => {
      const minutes = (freshUntil(new Headers(headers), now) - now) / 60_000
      assert.ok(minutes >= 5 && minutes <= 24 * 60)
    }),
    { numRuns: 1000 },
  )
})

test('max-age counts to the second, less what caches on the way used up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 301, max: 86_400 }), fc.nat(3_600), (maxAge, age) => {
      const until = freshUntil(new Headers({ 'cache-control': `max-age=${maxAge}`, age: String(age) }), 0)
      assert.equal(until, Math.max(maxAge - age, 300) * 1000)
    }),
    { numRuns: 300 },
  )
})
