import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { listen } from './listen.ts'

const hasty = { headersTimeout: 40, requestTimeout: 40, connectionsCheckingInterval: 10 }

for (const [what, sent] of [
  ['headers', 'POST /token HTTP/1.1\r\nhost: x\r\n'],
  ['a body', 'POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\ngrant_type='],
] as const) {
  test(`who begins to send ${what} and does not go on is cut off with 408`, async () => {
    const listener = await listen('127.0.0.1', 0, hasty)
    listener.handle((incoming) => void incoming.resume())
    const socket = connect(listener.port, '127.0.0.1')
    socket.write(sent)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1.1 408 /)
    await once(socket, 'close')
    await listener.drain(0)
  })
}
