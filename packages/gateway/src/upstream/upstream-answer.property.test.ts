import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAnswer } from './upstream-answer.ts'

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'text/event-stream',
      'text/html',
      'Application/JSON; charset=utf-8',
      '',
    ),
    'content-length': fc.constantFrom('0', '5'),
    location: fc.constant('https://elsewhere.example'),
    'set-cookie': fc.constantFrom<string | string[]>('a=b', ['a=b', 'c=d']),
    'www-authenticate': fc.constant('Bearer resource_metadata="https://elsewhere.example"'),
    'cache-control': fc.constant('public, max-age=1000'),
    'mcp-session-id': fc.constantFrom<string | string[]>('s', ['s', 't']),
    'access-control-allow-origin': fc.constant('*'),
    'retry-after': fc.constant('1'),
    allow: fc.constant('POST'),
  },
  { requiredKeys: [] },
)
const KNOWN = [
  'allow',
  'cache-control',
  'content-type',
  'mcp-session-id',
  'retry-after',
  'x-accel-buffering',
  'x-content-type-options',
]
const PASSED = new Set([200, 202, 204, 400, 404, 405, 406, 409, 410, 413, 415, 422, 429])

test('whatever an MCP server answers, no status, cookie, challenge, redirect or cache rule of its own gets through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      headers,
      fc.boolean(),
      fc.constantFrom('POST', 'GET', 'DELETE'),
      (status, given, isLegacy, method) => {
        const answer = readAnswer(status, given, { isLegacy, method })
        if (answer.kind === 'failure') {
          assert.ok(answer.failure.status === 502 || answer.failure.status === status)
          assert.equal(answer.refusedCredential, status === 401)
          return
        }
        assert.ok(PASSED.has(status) && answer.status === status)
        assert.deepEqual(
          Object.keys(answer.headers).filter((name) => !KNOWN.includes(name)),
          [],
        )
        assert.equal(answer.headers['cache-control'], 'no-store')
        if (!isLegacy) assert.equal(answer.headers['mcp-session-id'], undefined)
        if (answer.kind === 'json') assert.match(answer.headers['content-type'] ?? '', /^application\/json/i)
      },
    ),
  )
})
