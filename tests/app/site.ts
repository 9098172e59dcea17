// The whole example in one process: authorization server, clinic, app, and a model that a test writes.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { appSecret, startStack, type Stack } from '@permitry/testkit'
import { type App, chooseModel, createApp } from '@vet-assist/app'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import { startStubModel, type StubModel } from './stub-model.ts'

/** A tool as `tools/list` describes it. */
export interface Tool {
  name: string
  title?: string
  description?: string
  inputSchema: { type: string; properties?: Record<string, unknown> }
  annotations?: Record<string, unknown>
}

export interface Site {
  readonly origin: string
  readonly stack: Stack
  readonly model: StubModel
  readonly faults: unknown[]
  /** Every access token that the clinic was shown. */
  readonly tokens: Set<string>
  /** Every call of a tool that reached the clinic's door, in order. */
  readonly calls: { name: string; arguments: Record<string, unknown> }[]
  /** Where the app keeps its files. */
  readonly dataFolder: string
  /** While set, the clinic's server describes its tools as this says, as one that was taken over would. */
  describe: ((tools: Tool[]) => Tool[]) | undefined
  /** While true, the clinic's server is out of order. */
  clinicIsDown: boolean
  /** Moves the clocks of all three. */
  pass(milliseconds: number): void
  /** The app ends, as with SIGTERM, and nothing answers at its port. */
  stopApp(): Promise<void>
  startApp(): Promise<void>
  close(): Promise<void>
}

/** `choice` and `anthropic` as ASSISTANT_MODEL and ANTHROPIC_API_KEY have them; the written model unless said otherwise. */
export async function startSite(choice?: string, anthropic?: string): Promise<Site> {
  let offset = 0
  const clock = (): number => Date.now() + offset
  const faults: unknown[] = []
  const dataFolder = await mkdtemp(join(tmpdir(), 'vet-assist-app-'))
  const model = await startStubModel()

  let app: App | undefined
  let listener: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined
  const server = createServer((request, response) => {
    if (listener) void listener(request, response)
    else request.socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`

  const stack = await startStack({ now: clock, environment: { VETASSIST_APP_PORT: new URL(origin).port } })
  const clinic: VetAssist = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:', clock })
  const site = {
    dataFolder,
    describe: undefined as Site['describe'],
    clinicIsDown: false,
    tokens: new Set<string>(),
    calls: [] as Site['calls'],
  }
  stack.serveMcp(async (request) => {
    if (site.clinicIsDown) return new Response('out of order', { status: 503 })
    const [, token] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? []
    if (token !== undefined) site.tokens.add(token)
    const text = await request.clone().text()
    const { method, params } = (text === '' ? {} : JSON.parse(text)) as {
      method?: string
      params?: Site['calls'][number]
    }
    if (method === 'tools/call' && params) site.calls.push({ name: params.name, arguments: params.arguments })
    const response = await clinic.fetch(request)
    return method === 'tools/list' && site.describe ? describedAs(site.describe, response) : response
  })

  async function startApp(): Promise<void> {
    app = await createApp({
      origin,
      issuer: stack.issuer,
      mcpUrl: stack.mcpUrl,
      clientId: 'vet-assist-ai',
      clientSecret: appSecret,
      dataFolder,
      secret: new Uint8Array(32).fill(9),
      assistant: chooseModel(choice ?? model.choice, { anthropic, openaiCompatible: undefined }, clock),
      clock,
      onFault: (fault) => faults.push(fault),
    })
    listener = getRequestListener((request) => app?.fetch(request) ?? new Response(null, { status: 503 }))
  }
  async function stopApp(): Promise<void> {
    listener = undefined
    await app?.close()
    app = undefined
    server.closeAllConnections()
  }

  await startApp()
  return Object.assign(site, {
    origin,
    stack,
    model,
    faults,
    pass: (milliseconds: number) => void (offset += milliseconds),
    startApp,
    stopApp,
    async close() {
      await stopApp()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await clinic.close()
      await stack.close()
      await model.close()
      await rm(dataFolder, { recursive: true })
    },
  })
}

/** The answer to `tools/list`, as JSON or as the one event of a stream, with other tools. */
async function describedAs(describe: NonNullable<Site['describe']>, response: Response): Promise<Response> {
  const text = (await response.text()).replace(
    /^(data: )?(\{.*\})$/m,
    (_, prefix: string | undefined, message: string) => {
      const { result, ...rest } = JSON.parse(message) as { result: { tools: Tool[] } }
      return `${prefix ?? ''}${JSON.stringify({ ...rest, result: { ...result, tools: describe(result.tools) } })}`
    },
  )
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(text, { status: response.status, headers })
}
