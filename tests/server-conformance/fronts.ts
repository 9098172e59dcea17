// What can stand in front of a server under test, each an HTTP server on loopback; and the small proxy that gives it a token.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { guard, type McpHandler } from '@permitry/guard'
import { listen } from '@permitry/testkit'
import type { Issuer } from '../conformance/mcp-issuer.ts'

/** What a server offers, by name: all of it needs the one scope that the token of the run has. */
export interface Offers {
  readonly tools: readonly string[]
  readonly prompts: readonly string[]
  /** URIs and templates. */
  readonly resources: readonly string[]
  /** Whether it has tasks, in either era. */
  readonly tasks: boolean
}

/** A server under test. */
export interface Target {
  /** Where it is reached without anything in front. */
  readonly url: string
  /** The same in the process, where it runs there; it forwards to `url` otherwise. */
  readonly handler: McpHandler
  readonly offers: Offers
}

/** Something that listens, until it is closed. */
export interface Running {
  readonly url: string
  close(): Promise<void>
}

/** Puts something in front of a server. It accepts tokens of `issuer` for its own URL, with `SCOPE`. */
export type Front = (target: Target, issuer: Issuer) => Promise<Running>

export const SCOPE = 'everything'

/** The guard, as a server that uses the package has it: in the same process. */
export const guardFront: Front = async ({ handler, offers }, { issuer }) => {
  const listening = await listen()
  const url = `${listening.origin}/mcp`
  const rules = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, SCOPE]))
  const protect = guard({
    issuer,
    resource: url,
    defaultScopes: [SCOPE],
    tools: rules(offers.tools),
    prompts: rules(offers.prompts),
    resources: rules(offers.resources),
    tasks: offers.tasks,
  })
  listening.serve(protect(handler))
  return { url, close: () => listening.close() }
}

/** Listens with a token of its own for whatever comes, and hands it on as it is, `Host` and `Origin` included. */
export async function startInjecting(front: Running, token: string): Promise<Running> {
  const listening = await listen()
  const forward = forwardTo(front.url, { authorization: `Bearer ${token}` })
  listening.serve((request) => forward(request, {}))
  return { url: `${listening.origin}${new URL(front.url).pathname}`, close: () => listening.close() }
}

/** Of one connection, or told anew by whoever sends on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding', 'upgrade']

type Forward = (request: Request, options: { readonly parsedBody?: unknown }) => Promise<Response>

/** A handler that asks another server, streams its answer, and tells it when the client goes. */
export function forwardTo(url: string, added: Readonly<Record<string, string>> = {}): Forward {
  return async (request, { parsedBody }) => {
    const headers = new Headers(request.headers)
    for (const name of HOP_BY_HOP) headers.delete(name)
    for (const [name, value] of Object.entries(added)) headers.set(name, value)
    const body = parsedBody === undefined ? await request.text() : JSON.stringify(parsedBody)
    const answer = await fetch(url, {
      method: request.method,
      headers,
      redirect: 'manual',
      signal: request.signal,
      ...(request.method === 'POST' && { body }),
    })
    const kept = new Headers(answer.headers)
    for (const name of HOP_BY_HOP) kept.delete(name)
    return new Response(answer.body, { status: answer.status, headers: kept })
  }
}

/** Asks a server what it has, as the gateway's operator would. */
export async function offersOf(url: string): Promise<Offers> {
  const client = new Client({ name: 'permitry-conformance', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  try {
    const capabilities = client.getServerCapabilities() ?? {}
    const { tools } = capabilities.tools ? await client.listTools() : { tools: [] }
    const { prompts } = capabilities.prompts ? await client.listPrompts() : { prompts: [] }
    const { resources } = capabilities.resources ? await client.listResources() : { resources: [] }
    const { resourceTemplates } = capabilities.resources
      ? await client.listResourceTemplates()
      : { resourceTemplates: [] }
    return {
      tasks:
        capabilities.tasks !== undefined || capabilities.extensions?.['io.modelcontextprotocol/tasks'] !== undefined,
      tools: tools.map(({ name }) => name),
      prompts: prompts.map(({ name }) => name),
      resources: [...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)],
    }
  } finally {
    await client.close()
  }
}
