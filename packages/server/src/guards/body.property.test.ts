// Bodies that whoever holds a credential writes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Hono } from 'hono'
import type { HttpEnv } from '../http/endpoint.ts'
import { PollRequest } from '../signals/poll-request.ts'
import { readBody } from './body.ts'

const app = new Hono<HttpEnv>()
app.post('/', async (c) => c.json(await readBody(c, PollRequest)))

async function answerTo(body: string, type = 'application/json'): Promise<{ ok: boolean; value?: PollRequest }> {
  const response = await app.request('/', { method: 'POST', headers: { 'content-type': type }, body })
  assert.equal(response.status, 200, 'a body is refused in words, whatever it is')
  return (await response.json()) as { ok: boolean; value?: PollRequest }
}

const request = fc.record(
  {
    ack: fc.array(fc.string({ maxLength: 200 }), { maxLength: 5 }),
    setErrs: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,9}$/),
      fc.record({ err: fc.string({ maxLength: 200 }) }, { noNullPrototype: true }),
      { noNullPrototype: true },
    ),
    maxEvents: fc.nat(),
    returnImmediately: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const nothing: PollRequest = { ack: [], setErrs: {}, maxEvents: 100, returnImmediately: false }

test('a poll is read as it was written, with what RFC 8936 says of what is left out', async () => {
  await fc.assert(
    fc.asyncProperty(request, fc.dictionary(fc.stringMatching(/^x[a-z]+$/), fc.jsonValue()), async (sent, unknown) => {
      const { ok, value } = await answerTo(JSON.stringify({ ...unknown, ...sent }))
      assert.deepEqual([ok, value], [true, { ...nothing, ...sent }])
    }),
  )
})

test('whatever else comes is a poll of the right shape or a refusal', async () => {
  const values = fc.oneof(
    fc.json(),
    fc.string(),
    request.map((one) => JSON.stringify(one).slice(1)),
  )
  await fc.assert(
    fc.asyncProperty(values, async (body) => {
      const { ok, value } = await answerTo(body)
      if (ok) assert.deepEqual(value, PollRequest.parse(value))
    }),
  )
  assert.equal((await answerTo('{}', 'text/plain')).ok, false)
  assert.deepEqual(await answerTo(''), { ok: true, value: nothing })
})
