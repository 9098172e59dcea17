// Starts the clinic's MCP server at its port.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { readEnvironment } from './environment.ts'
import { createVetAssist, type VetAssistOptions } from './vet-assist.ts'

const { port, issuer, dataFile, credentialFile } = readEnvironment()
const url = `http://localhost:${port}/mcp`
const credential = readCredential(credentialFile)
const vetAssist = createVetAssist({ issuer, url, dataFile, ...(credential && { credential }) })

const listener = getRequestListener(vetAssist.fetch)
const server = createServer((request, response) => void listener(request, response))
server.on('error', (error: NodeJS.ErrnoException) => {
  const isBusy = error.code === 'EADDRINUSE'
  console.error(isBusy ? `port ${port} is in use: set VETASSIST_MCP_PORT to another one` : error)
  process.exit(1)
})
server.listen(port, '127.0.0.1', () => {
  // Until the guard knows what was revoked before it started, it answers 503.
  void vetAssist.ready().then(() => console.log(`VetAssist MCP server: ${url}, people of ${issuer}`))
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    // Streams first: a server with an open one would never finish closing.
    void vetAssist.close().finally(() => server.closeAllConnections())
  })
}

/** Without one the guard still checks every token, and learns of revocations when tokens end. */
function readCredential(file: string): VetAssistOptions['credential'] {
  if (!existsSync(file)) return undefined
  const { client_id, private_key } = JSON.parse(readFileSync(file, 'utf8')) as NonNullable<
    VetAssistOptions['credential']
  >
  return { client_id, private_key }
}
