// Starts the clinic's MCP server at its port.
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { readEnvironment } from './environment.ts'
import { createVetAssist } from './vet-assist.ts'

const { port, issuer, dataFile } = readEnvironment()
const url = `http://localhost:${port}/mcp`
const vetAssist = createVetAssist({ issuer, url, dataFile })

const listener = getRequestListener(vetAssist.fetch)
const server = createServer((request, response) => void listener(request, response))
server.on('error', (error: NodeJS.ErrnoException) => {
  const isBusy = error.code === 'EADDRINUSE'
  console.error(isBusy ? `port ${port} is in use: set VETASSIST_MCP_PORT to another one` : error)
  process.exit(1)
})
server.listen(port, '127.0.0.1', () => console.log(`VetAssist MCP server: ${url}, people of ${issuer}`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    // Streams first: a server with an open one would never finish closing.
    void vetAssist.close().finally(() => server.closeAllConnections())
  })
}
