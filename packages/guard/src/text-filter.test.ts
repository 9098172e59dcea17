import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textFilterFor } from './text-filter.ts'

const mark = (message: unknown): unknown => ({ ...(message as object), seen: true })

function run(type: string | null, chunks: string[]): string {
  const filter = textFilterFor(type, null, mark)
  return chunks.map((chunk) => filter.push(chunk)).join('') + filter.end()
}

test('JSON is filtered as a whole, however it is cut', () => {
  assert.equal(run('application/json; charset=utf-8', ['{"a"', ':1}']), '{"a":1,"seen":true}')
  assert.equal(run('application/json', []), '')
})

test('each event of a stream is filtered as soon as it is complete', () => {
  const filter = textFilterFor('Text/Event-Stream', null, mark)
  assert.equal(filter.push('event: message\ndata: {"a":'), '')
  assert.equal(filter.push('1}\n'), '')
  assert.equal(filter.push('\nda'), 'event: message\ndata: {"a":1,"seen":true}\n\n')
  assert.equal(filter.push('ta: {}\n\n'), 'data: {"seen":true}\n\n')
})

test('comments, ids without data and all kinds of line ends pass', () => {
  assert.equal(run('text/event-stream', [': keepalive\n\n']), ': keepalive\n\n')
  assert.equal(run('text/event-stream', ['id: 1\ndata: \n\n']), 'id: 1\ndata: \n\n')
  assert.equal(run('text/event-stream', ['id: 1\r\ndata: {\r\ndata: }\r\n\r\n']), 'id: 1\ndata: {"seen":true}\n\n')
})

test('an event ends at a blank line, whatever mixture of line ends makes it', () => {
  for (const blank of ['\n\n', '\r\r', '\r\n\r\n', '\n\r\n', '\r\n\n', '\r\r\n', '\n\r']) {
    assert.equal(
      run('text/event-stream', [`data: {"a":1}${blank}`]),
      'data: {"a":1,"seen":true}\n\n',
      JSON.stringify(blank),
    )
  }
  const cut = ['data: {\r', '\ndata: "a":1}\r', '\n\r', '\ndata: {}\n\n']
  assert.equal(
    run('text/event-stream', cut).replaceAll('\n\n\n', '\n\n'),
    'data: {"a":1,"seen":true}\n\ndata: {"seen":true}\n\n',
  )
})

test('byte order marks before an event do not get it past the filter', () => {
  for (const marks of ['\ufeff', '\ufeff\ufeff'])
    assert.equal(run('text/event-stream', [`${marks}data: {"tools":[]}\n\n`]), 'data: {"tools":[],"seen":true}\n\n')
})

test('what cannot be read is never passed on', () => {
  assert.throws(() => run('application/json', ['{"tools":[']))
  assert.throws(() => run('text/event-stream', ['data: {"tools":[\n\n']))
  assert.throws(() => run(null, ['<html>']))
  assert.throws(() => textFilterFor('application/json', 'gzip', mark), /compress outside/)
  assert.equal(run('text/event-stream', ['data: {"unfinished":1}']), '')
})
