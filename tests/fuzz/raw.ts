// Bytes that no client library would send, to the socket that the server listens on.
import { connect } from 'node:net'
import type { Random } from './random.ts'

const LINES = [
  'GET /token HTTP/1.1',
  'POST /token HTTP/1.1',
  'POST /token HTTP/9.9',
  'GET http://evil.example/authorize HTTP/1.1',
  'GET /%00%ff HTTP/1.1',
  'GET //evil.example/%2e%2e/token HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'G E T / HTTP/1.1',
  '\x16\x03\x01\x02\x00',
]
const HEADERS = [
  'Host: localhost',
  'Host: a\r\nHost: b',
  'Content-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 3',
  'Transfer-Encoding: xchunked',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: multipart/form-data; boundary=',
  `Cookie: ${'a=b; '.repeat(300)}`,
  `Authorization: Basic ${'A'.repeat(9_000)}`,
  `X-Long: ${'x'.repeat(20_000)}`,
  'Expect: 100-continue',
  'Upgrade: websocket\r\nConnection: upgrade',
  'Bad Header: x',
  ': empty',
]
const BODIES = ['', 'a=b&', '5\r\nhello\r\n0\r\n\r\n', 'ffffffff\r\n', '\0'.repeat(64), '%'.repeat(999)]

/** Sends a few odd lines and reads whatever comes until the server or we hang up; the status line, or nothing. */
export async function sendRaw(port: number, random: Random): Promise<string> {
  const headers = Array.from({ length: 1 + random.below(4) }, () => random.pick(HEADERS))
  const bytes = `${random.pick(LINES)}\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n${random.pick(BODIES)}`
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').setTimeout(250, () => socket.destroy())
  socket.on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''))
  socket.end(bytes, 'latin1')
  return promise
}
