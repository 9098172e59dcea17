import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { textFilterFor } from './text-filter.ts'

const mark = (message: unknown): unknown => ({ seen: true, was: message })

function run(type: string, text: string, cuts: readonly number[]): string {
  const filter = textFilterFor(type, null, mark)
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
  return places.map((place, index) => filter.push(text.slice(places[index - 1] ?? 0, place))).join('') + filter.end()
}

/** The data of the events that a reader dispatches, by HTML §9.2.6. */
function dispatched(stream: string): string[] {
  const events: string[] = []
  let data: string[] = []
  const lines = stream.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  // What follows the last end of line is an unfinished line.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) events.push(data.join('\n'))
      data = []
    } else if (line === 'data' || line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  return events
}

const lines = fc.constantFrom(
  '\n',
  '\r',
  '\r\n',
  'data:',
  'data: ',
  'data',
  'id: 1',
  ': x',
  '{',
  '}',
  '[1]',
  '{}',
  '"a"',
  '\ufeff',
  ' ',
  'x',
)
const stream = fc.array(lines, { maxLength: 14 }).map((parts) => parts.join(''))
const cuts = fc.array(fc.nat(60), { maxLength: 5 })

test('no reader of the stream gets data that was not filtered', () => {
  fc.assert(
    fc.property(stream, cuts, (stream, cuts) => {
      let out
      try {
        out = run('text/event-stream', stream, cuts)
      } catch {
        return
      }
      for (const data of dispatched(out)) {
        if (/^\n*$/.test(data)) continue
        assert.equal((JSON.parse(data) as { seen?: unknown }).seen, true, JSON.stringify({ stream, out }))
      }
    }),
    { numRuns: 1000 },
  )
})

test('messages in good events all arrive, in their order, however the stream is written and cut', () => {
  const end = fc.constantFrom('\n', '\r\n')
  const message = fc.jsonValue({ maxDepth: 2 })
  fc.assert(
    fc.property(fc.array(fc.tuple(message, end, fc.boolean()), { maxLength: 5 }), cuts, (messages, cuts) => {
      const written = messages.map(([message, end, spread]) => {
        const text = JSON.stringify(message, undefined, spread ? 1 : 0)
        return `id: 7${end}${text
          .split('\n')
          .map((line) => `data: ${line}${end}`)
          .join('')}${end}`
      })
      const seen = dispatched(run('text/event-stream', written.join(''), cuts)).map((data): unknown => JSON.parse(data))
      assert.deepEqual(
        seen,
        messages.map(([message]) => JSON.parse(JSON.stringify(mark(message))) as unknown),
      )
    }),
    { numRuns: 300 },
  )
})

test('JSON comes out filtered whole, or nothing does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), cuts, (text, cuts) => {
      let out
      try {
        out = run('application/json', text, cuts)
      } catch {
        return
      }
      if (text !== '') assert.deepEqual(JSON.parse(out), { seen: true, was: JSON.parse(text) })
    }),
    { numRuns: 500 },
  )
})
