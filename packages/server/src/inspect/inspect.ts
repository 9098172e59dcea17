// Looks at an MCP server by connecting to it as a client does: what it can do, or where it sends people to sign in.
import type { Client, Tool } from '@modelcontextprotocol/client'
import { createGuardedFetch, type GuardedFetch, GuardedFetchError } from '../outbound/guarded-fetch.ts'
import type { OutboundFailure } from '../outbound/outbound.ts'
import { findProtection, type Protection } from './protection.ts'

/** A tool as the MCP server describes it. Everything here is the server's word, annotations included. */
export interface FoundTool {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean }
}

/** A prompt, a resource or a template of resources, by the name that rules call it by. */
export interface FoundOther {
  readonly kind: 'prompt' | 'resource'
  readonly name: string
  readonly title?: string
  readonly description?: string
}

/** What an MCP server showed to a client that came without a token, or with the one that it was given. */
export type Inspection =
  | {
      readonly state: 'open'
      readonly name: string | undefined
      readonly tools: readonly FoundTool[]
      /** Where they were asked for. */
      readonly others?: readonly FoundOther[]
    }
  | ({ readonly state: 'protected' } & Protection)
  /** Nobody answered, or somebody whom the rules for addresses do not allow. */
  | { readonly state: 'unreachable'; readonly reason: OutboundFailure['reason']; readonly detail: string }
  /** Something answers that does not speak MCP. */
  | { readonly state: 'not_mcp'; readonly status: number | undefined; readonly detail: string }

export interface InspectOptions {
  /** Loopback by http and https, when the authorization server is on loopback itself. */
  readonly allowLoopback: boolean
  readonly extraCaCertificates?: readonly string[]
  /** A token for the server, when it wants one. */
  readonly accessToken?: string
  /** Whether prompts and resources are asked for too: servers that answer for tools alone are read as well without. */
  readonly others?: boolean
  /** All of the conversation; ten seconds when left out. */
  readonly milliseconds?: number
}

const MAX_BYTES = 4_194_304

/** Connects to an MCP server with the official client and lists its tools. Never throws for what the other side does. */
export async function inspectServer(url: string, options: InspectOptions): Promise<Inspection> {
  const signal = AbortSignal.timeout(options.milliseconds ?? 10_000)
  const { allowLoopback, extraCaCertificates = [] } = options
  const seen = watch(createGuardedFetch({ allowLoopback, extraCaCertificates, maxBytes: MAX_BYTES, signal }))
  if (!URL.canParse(url)) return { state: 'unreachable', reason: 'address_refused', detail: 'it is not a URL' }
  // Loaded here: nothing else that the server or the command line does needs them.
  const { Client } = await import('@modelcontextprotocol/client')
  const { guardedTransport } = await import('../outbound/mcp-transport.ts')
  const transport = guardedTransport(url, seen.send, options.accessToken)
  const client = new Client({ name: 'permitry', version: '0.1.0' }, { versionNegotiation: { mode: 'auto' } })
  try {
    await client.connect(transport, { signal })
    const tools = await listTools(client, signal)
    const others = options.others === true ? { others: await listOthers(client, signal) } : {}
    return { state: 'open', name: client.getServerVersion()?.name, tools, ...others }
  } catch (error) {
    return await explain(url, seen, error)
  } finally {
    await client.close().catch(() => {})
  }
}

async function listTools(client: Client, signal: AbortSignal): Promise<FoundTool[]> {
  if (client.getServerCapabilities()?.tools === undefined) return []
  // Without a cursor the client asks for all pages; size and time bound how many there can be.
  const { tools } = await client.listTools(undefined, { signal })
  return tools.map(toFound)
}

/** What a list says of a thing to people. */
interface Words {
  readonly title?: string | undefined
  readonly description?: string | undefined
}

async function listOthers(client: Client, signal: AbortSignal): Promise<FoundOther[]> {
  const { prompts, resources } = client.getServerCapabilities() ?? {}
  const found: FoundOther[] = []
  const add = (kind: FoundOther['kind'], name: string, { title, description }: Words): void => {
    found.push({
      kind,
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
    })
  }
  if (prompts) for (const one of (await client.listPrompts(undefined, { signal })).prompts) add('prompt', one.name, one)
  if (!resources) return found
  for (const one of (await client.listResources(undefined, { signal })).resources) add('resource', one.uri, one)
  const { resourceTemplates } = await client.listResourceTemplates(undefined, { signal })
  for (const one of resourceTemplates) add('resource', one.uriTemplate, one)
  return found
}

function toFound({ name, title, description, annotations }: Tool): FoundTool {
  const { readOnlyHint, destructiveHint } = annotations ?? {}
  const hints = {
    ...(readOnlyHint === undefined ? {} : { readOnlyHint }),
    ...(destructiveHint === undefined ? {} : { destructiveHint }),
  }
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(hints).length === 0 ? {} : { annotations: hints }),
  }
}

/** The last answer and the last failure below the client, whose own errors say neither well enough. */
interface Seen {
  readonly send: GuardedFetch
  readonly last: { response?: Response | undefined; failure?: GuardedFetchError | undefined }
}

function watch(inner: GuardedFetch): Seen {
  const last: Seen['last'] = {}
  return {
    last,
    async send(url, init) {
      last.response = last.failure = undefined
      try {
        return (last.response = await inner(url, init))
      } catch (error) {
        if (error instanceof GuardedFetchError) last.failure = error
        throw error
      }
    },
  }
}

async function explain(url: string, { send, last }: Seen, error: unknown): Promise<Inspection> {
  if (last.failure) return { state: 'unreachable', reason: last.failure.reason, detail: last.failure.message }
  const { response } = last
  if (response?.status === 401)
    return { state: 'protected', ...(await findProtection(url, response.headers.get('www-authenticate'), send)) }
  const detail = error instanceof Error ? (error.message.split('\n', 1)[0]?.slice(0, 200) ?? '') : String(error)
  return { state: 'not_mcp', status: response?.status, detail }
}
