import { err, ok, type Result } from '@permitry/oauth'
import { isRecord, type Message } from './message.ts'
import type { Incoming } from './types.ts'

/** `modern` from revision 2026-07-28 on: stateless, with an envelope in each request and headers that mirror the body. */
export type Era = 'modern' | 'legacy'

/** Why headers and body do not go together, as the specification wants it answered: status 400 and this code. */
export interface EraFault {
  readonly code: -32020 | -32602 | -32600
  readonly message: string
}

const FIRST_MODERN = '2026-07-28'
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'

/** Which member of `params` the header `Mcp-Name` mirrors. */
const NAME_SOURCES: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/**
 * Tells the era of a message by its body, with the headers as a cross-check: what an intermediary read in them must be
 * what is called (MCP 2026-07-28, Streamable HTTP, Server Validation). On legacy requests nobody validated these
 * headers, so they count for nothing there, and the body alone decides.
 */
export function readEra(message: Message, headers: Incoming['headers']): Result<Era, EraFault> {
  const header = headers.get('mcp-protocol-version')
  const headerIsModern = header !== null && header >= FIRST_MODERN
  if (message.kind === 'response') {
    return headerIsModern ? err({ code: -32600, message: 'a client sends no JSON-RPC responses' }) : ok('legacy')
  }
  const meta = message.params['_meta']
  const claimed = isRecord(meta) && Object.hasOwn(meta, VERSION_KEY) ? meta[VERSION_KEY] : undefined
  if (claimed === undefined) {
    if (!headerIsModern) return ok('legacy')
    if (message.kind === 'notification') return checkMethod(message, headers)
    if (message.method === 'initialize') return mismatch('`initialize` belongs to revisions before 2026-07-28')
    return err({ code: -32602, message: `\`params._meta\` must have \`${VERSION_KEY}\`` })
  }
  if (typeof claimed !== 'string') return err({ code: -32602, message: `\`${VERSION_KEY}\` must be a text` })
  if (header === null) {
    return message.kind === 'notification' ? ok('modern') : mismatch('`MCP-Protocol-Version` is missing')
  }
  if (header !== claimed) return mismatch(`\`MCP-Protocol-Version\` differs from the body, which says \`${claimed}\``)
  return checkMethod(message, headers)
}

function checkMethod(
  message: Exclude<Message, { kind: 'response' }>,
  headers: Incoming['headers'],
): Result<Era, EraFault> {
  const method = headers.get('mcp-method')
  if (method === null && message.kind === 'request') return mismatch('`Mcp-Method` is missing')
  if (method !== null && method !== message.method) {
    return mismatch(`\`Mcp-Method\` differs from the body, which says \`${message.method}\``)
  }
  const source = Object.hasOwn(NAME_SOURCES, message.method) ? NAME_SOURCES[message.method] : undefined
  if (source === undefined || message.kind === 'notification') return ok('modern')
  const header = headers.get('mcp-name')
  const named = message.params[source]
  if (header === null) return mismatch('`Mcp-Name` is missing')
  if (decodeHeader(header) !== named) return mismatch(`\`Mcp-Name\` differs from \`params.${source}\` of the body`)
  return ok('modern')
}

const PREFIX = '=?base64?'
const SUFFIX = '?='
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const PLAIN = /^[\t\x20-\x7e]*$/

/** MCP 2026-07-28, Value Encoding: plain ASCII, or base64 of UTF-8 between markers. Undefined for what is neither. */
function decodeHeader(value: string): string | undefined {
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX)) return PLAIN.test(value) ? value : undefined
  const encoded = value.slice(PREFIX.length, -SUFFIX.length)
  if (!BASE64.test(encoded)) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function mismatch(what: string): Result<Era, EraFault> {
  return err({ code: -32020, message: `headers and body differ: ${what}` })
}
