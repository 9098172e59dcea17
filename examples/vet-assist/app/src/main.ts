// Starts Vet Assist AI at its port.
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { chooseModel } from './agent/model.ts'
import { type App, createApp } from './app.ts'
import { readEnvironment } from './environment.ts'
import { readKeyFile } from './store/keys.ts'

const { port, issuer, mcpUrl, dataFolder, secretFile, model, anthropicApiKey, assistantApiKey } = orEnd(readEnvironment)
const assistant = orEnd(() => chooseModel(model, { anthropic: anthropicApiKey, openaiCompatible: assistantApiKey }))
const origin = `http://localhost:${port}`
mkdirSync(dataFolder, { recursive: true, mode: 0o700 })

// The port first: a second start must not touch the data of the first one.
const { promise: ready, resolve: isReady } = Promise.withResolvers<App>()
const listener = getRequestListener(async (request) => (await ready).fetch(request))
const server = createServer((request, response) => void listener(request, response))
server.on('error', (error: NodeJS.ErrnoException) => {
  const isBusy = error.code === 'EADDRINUSE'
  console.error(isBusy ? `port ${port} is in use: set VETASSIST_APP_PORT to another one` : error)
  process.exit(1)
})
await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

const app = await createApp({
  origin,
  issuer,
  mcpUrl,
  clientId: 'vet-assist-ai',
  clientSecret: readFileSync(secretFile, 'utf8').trim(),
  dataFolder,
  secret: readKeyFile(join(dataFolder, 'vet-assist-app.key')),
  assistant,
})
isReady(app)
console.log(`Vet Assist AI: ${origin}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    // Event streams first: a server with an open one would never finish closing.
    void app.close().finally(() => server.closeAllConnections())
  })
}

/** What a person set wrong is one sentence for them, and not a stack. */
function orEnd<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
