// Calls one tool over and over on 32 connections for a while, says how often it was answered, and ends.
import { connect } from 'node:net'
import { messagesOf } from './wire.ts'

const CONNECTIONS = 32
const [port = '', milliseconds = '', token = ''] = process.argv.slice(2)

const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'show_pet',
    arguments: { petId: 'pet-fido' },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    },
  },
})
const bytes = [
  'POST /mcp HTTP/1.1',
  `host: localhost:${port}`,
  `authorization: Bearer ${token}`,
  'content-type: application/json',
  'accept: application/json, text/event-stream',
  'mcp-protocol-version: 2026-07-28',
  'mcp-method: tools/call',
  'mcp-name: show_pet',
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n')

let answered = 0
const endsAt = performance.now() + Number(milliseconds)
await Promise.all(Array.from({ length: CONNECTIONS }, callOverAndOver))
process.send?.({ answered })
process.disconnect?.()

function callOverAndOver(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1').setNoDelay(true)
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.on(
      'data',
      messagesOf((message) => {
        if (!message.startsWith('HTTP/1.1 200') || !message.includes('Fido')) {
          reject(new Error(`a call failed: ${message.slice(0, 300)}`))
        }
        answered++
        if (performance.now() < endsAt) socket.write(bytes)
        else socket.destroy()
      }),
    )
    socket.write(bytes)
  })
}
