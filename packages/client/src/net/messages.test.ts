import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withinLimit } from './messages.ts'

const tooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'limit_exceeded'

/** A body that has as much as is asked for, and says whether anybody still asks. */
function endless(chunk: string): { body: ReadableStream<Uint8Array<ArrayBuffer>>; isCancelled: () => boolean } {
  let cancelled = false
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode(chunk)),
    cancel: () => void (cancelled = true),
  })
  return { body, isCancelled: () => cancelled }
}

const stream = { headers: { 'content-type': 'text/event-stream; charset=utf-8' } }

test('an answer that never ends breaks off, and nothing more of it is asked for', async () => {
  for (const [chunk, init] of [
    ['x'.repeat(100), {}],
    [`data: ${'x'.repeat(100)}\n`, stream],
    [`data: ${'x'.repeat(100)}\r\n`, stream],
    [':', stream],
  ] as const) {
    const { body, isCancelled } = endless(chunk)
    await assert.rejects(withinLimit(new Response(body, init), 1000).text(), tooLarge, chunk)
    assert.equal(isCancelled(), true)
  }
})

test('an answer within the limit is what it was', async () => {
  const whole = 'x'.repeat(1000)
  const answer = withinLimit(new Response(whole, { status: 201, headers: { a: 'b' } }), 1000)
  assert.deepEqual([answer.status, answer.headers.get('a'), await answer.text()], [201, 'b', whole])
  assert.equal(withinLimit(new Response(null, { status: 202 })).body, null)
})

test('a stream may go on for ever, as long as its events end', async () => {
  for (const event of [`data: ${'x'.repeat(900)}\n\n`, `data: ${'x'.repeat(900)}\r\n\r\n`]) {
    const { body } = endless(event)
    let seen = 0
    for await (const chunk of withinLimit(new Response(body, stream), 1000)
      .body as unknown as AsyncIterable<Uint8Array>)
      if ((seen += chunk.byteLength) > 100_000) break
    assert.ok(seen > 100_000)
  }
})
