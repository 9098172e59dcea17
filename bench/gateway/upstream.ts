// An MCP server that costs next to nothing: what is measured stands in front of it.
import { createServer, type AddressInfo } from 'node:net'
import { messagesOf } from './wire.ts'

const json = (id: unknown, result: object): string => {
  const body = JSON.stringify({ jsonrpc: '2.0', id, result })
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}
const CALLED = json(1, {
  resultType: 'complete',
  content: [{ type: 'text', text: 'Fido, a dog of four years. '.repeat(20) }],
})
const SHARED = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const inputSchema = { type: 'object', properties: { petId: { type: 'string', maxLength: 20 } }, required: ['petId'] }

function answerTo(message: string): string {
  if (message.includes('"tools/call"')) return CALLED
  const { id, method } = JSON.parse(message.slice(message.indexOf('\r\n\r\n') + 4) || '{}') as {
    id: unknown
    method: string
  }
  if (method === 'tools/list') return json(id, { ...SHARED, tools: [{ name: 'show_pet', inputSchema }] })
  const capabilities = { tools: {} }
  return json(id, {
    ...SHARED,
    supportedVersions: ['2026-07-28'],
    capabilities,
    serverInfo: { name: 'bench', version: '1' },
  })
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on(
    'data',
    messagesOf((message) => void socket.write(answerTo(message), 'latin1')),
  )
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
