import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, ok } from '@permitry/oauth'
import type { OutboundFailure } from '../../outbound/outbound.ts'
import { DEFAULT_POLICY } from '../policy.ts'
import { judge } from './judge.ts'

const URL_OF_IT = 'https://notes.example/client.json'
const DOCUMENT = JSON.stringify({
  client_id: URL_OF_IT,
  client_name: 'Notes',
  redirect_uris: ['https://notes.example/callback'],
})

function answer(status: number, { body = DOCUMENT, conditional = false } = {}) {
  const headers = new Headers({ 'content-type': 'application/json' })
  const fetched = ok({ status, headers, body: new TextEncoder().encode(body) })
  return judge(URL_OF_IT, fetched, conditional, DEFAULT_POLICY).verdict
}

const failure = (reason: OutboundFailure['reason']) =>
  judge(URL_OF_IT, err({ reason, detail: '' }), true, DEFAULT_POLICY).verdict

test('only 200 with a document is a success', () => {
  assert.equal(answer(200), 'good')
  assert.equal(answer(200, { body: '{}' }), 'invalid')
  for (const status of [201, 204, 206, 300, 400, 401, 429]) assert.equal(answer(status), 'refused', String(status))
})

test('304 says something only to who asked whether it changed', () => {
  assert.equal(answer(304, { conditional: true }), 'unchanged')
  assert.equal(answer(304), 'refused')
})

test('a document that is gone is no outage', () => {
  for (const status of [404, 410]) assert.equal(answer(status), 'gone')
})

test('an outage is a network error, a time-out, 403 or 5xx, and nothing else', () => {
  for (const status of [403, 500, 502, 503, 599]) assert.equal(answer(status), 'unavailable')
  for (const reason of ['timed_out', 'unreachable', 'busy'] as const) assert.equal(failure(reason), 'unavailable')
  for (const reason of ['address_refused', 'redirected'] as const) assert.equal(failure(reason), 'refused')
  assert.equal(failure('too_large'), 'invalid')
})
