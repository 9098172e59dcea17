import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitUri } from './uri.ts'

const piece = fc.constantFrom(
  'https',
  ':',
  '//',
  '/',
  'a.example',
  '@',
  '443',
  '[::1]',
  '?',
  '#',
  '%2F',
  '%',
  '\\',
  ' ',
  'A',
  '..',
)

test('the parts of a URI make the same URI again, and what browsers would repair has none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: piece }), fc.webUrl()), (text) => {
      const parts = splitUri(text)
      if (!parts) return
      const { scheme, authority, path, query, fragment } = parts
      const at = authority?.userinfo === undefined ? '' : `${authority.userinfo}@`
      const port = authority?.port === undefined ? '' : `:${authority.port}`
      const again = [
        `${scheme}:`,
        authority === undefined ? '' : `//${at}${authority.host}${port}`,
        path,
        query === undefined ? '' : `?${query}`,
        fragment === undefined ? '' : `#${fragment}`,
      ].join('')
      assert.equal(again, scheme + text.slice(scheme.length))
      assert.doesNotMatch(text, /[\\\s]|%(?![0-9a-f]{2})/i)
    }),
    { numRuns: 1000 },
  )
})
