// Bodies and tokens as endpoints read them, over the same framework.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Hono } from 'hono'
import { parseAuditLine } from '../audit/line.ts'
import { readJson } from '../register/dynamic/read-json.ts'
import { readForm } from '../token/read-form.ts'
import type { HttpEnv } from './endpoint.ts'

const app = new Hono<HttpEnv>()
app.post('/form', async (c) => c.json(await readForm(c)))
app.post('/json', async (c) => c.json(await readJson(c)))

type Answer = { ok: boolean; value?: unknown; error?: unknown }
const post = async (path: string, type: string, body: string): Promise<Answer> => {
  const response = await app.request(path, { method: 'POST', headers: { 'content-type': type }, body })
  assert.equal(response.status, 200)
  return (await response.json()) as Answer
}

test('a form is read as another parser reads it, or refused', async () => {
  const pair = fc.tuple(fc.constantFrom('code', 'scope', 'resource', 'a'), fc.string())
  const body = fc.oneof(
    fc.array(pair).map((pairs) => new URLSearchParams(pairs).toString()),
    fc.string({ unit: fc.constantFrom('a', '=', '&', '%', '+', '%ff') }),
  )
  await fc.assert(
    fc.asyncProperty(body, async (body) => {
      const read = await post('/form', 'application/x-www-form-urlencoded;charset=utf-8', body)
      if (!read.ok) return assert.equal(typeof read.error, 'string')
      const { values } = read.value as { values: Record<string, string> }
      for (const [name, value] of Object.entries(values))
        assert.deepEqual(new URLSearchParams(body).getAll(name), [value])
    }),
    { numRuns: 300 },
  )
})

test('JSON is read as it is, or refused, and nothing of another media type is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
      const read = await post('/json', 'application/json', body)
      if (read.ok) assert.deepEqual(read.value, JSON.parse(body))
      for (const path of ['/json', '/form']) assert.equal((await post(path, 'text/plain', body)).ok, false)
    }),
    { numRuns: 300 },
  )
})

test('a line of an audit file survives being written, and no other line is one', () => {
  const line = fc.record({
    kind: fc.constant('stream'),
    tenant: fc.string(),
    id: fc.string(),
    started_at: fc.maxSafeInteger(),
  })
  fc.assert(
    fc.property(line, fc.json(), (line, other) => {
      assert.deepEqual(parseAuditLine(JSON.stringify(line)), { ...line })
      assert.equal(parseAuditLine(JSON.stringify({ ...line, more: 1 })), undefined)
      if (!other.includes('"kind"')) assert.equal(parseAuditLine(other), undefined)
    }),
    { numRuns: 300 },
  )
})
