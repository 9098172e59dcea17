// Requests to an MCP server byte by byte, as a client or an attacker may write them.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type Challenge, parseChallenges } from '@permitry/oauth'

export const MODERN = '2026-07-28'
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'

/** A message of either era, as it is sent. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** Members to add or replace; undefined removes one. */
export type Changes = Readonly<Record<string, string | undefined>>

/** A request of 2026-07-28: the version in an envelope, and headers that mirror the body. */
export function modern(method: string, params: Readonly<Record<string, unknown>> = {}, changes: Changes = {}): Sent {
  const name = params['name'] ?? params['uri']
  const _meta = { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {} }
  return {
    headers: present({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      'mcp-name': typeof name === 'string' ? name : undefined,
      ...changes,
    }),
    body: { jsonrpc: '2.0', id: 7, method, params: { _meta, ...params } },
  }
}

/** A call of a tool in 2026-07-28. */
export const call = (name: string, args: Readonly<Record<string, unknown>> = {}, changes: Changes = {}): Sent =>
  modern('tools/call', { name, arguments: args }, changes)

/** A request of the session era. */
export function legacy(method: string, params: Readonly<Record<string, unknown>> = {}, changes: Changes = {}): Sent {
  return {
    headers: present({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...changes,
    }),
    body: { jsonrpc: '2.0', id: 7, method, params },
  }
}

function present(headers: Changes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** An answer of an MCP server. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON-RPC message, whether it came as JSON or as the last event of a stream. */
  readonly message: {
    readonly id?: unknown
    readonly result?: Readonly<Record<string, unknown>>
    readonly error?: {
      readonly code: number
      readonly message: string
      readonly data?: Readonly<Record<string, unknown>>
    }
  }
  readonly challenges: readonly Challenge[]
}

/** Posts a message. */
export async function post(
  url: string,
  { headers, body }: Sent,
  token?: string,
  raw = JSON.stringify(body),
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return answerOf(await fetch(url, { method: 'POST', headers: { ...authorization, ...headers }, body: raw }))
}

/** Reads an answer to its end. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const stream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const json = stream
    ? text
        .split('\n')
        .findLast((line) => line.startsWith('data: {'))
        ?.slice(6)
    : text
  const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '')
  assert.ok(challenges.ok)
  const message = json?.startsWith('{') === true ? (JSON.parse(json) as Answer['message']) : {}
  return { status: response.status, headers: response.headers, text, message, challenges: challenges.value }
}

/** The one Bearer challenge of an answer, as a record. */
export function bearerOf({ challenges, status }: Answer): Readonly<Record<string, string>> {
  const bearer = challenges.filter(({ scheme }) => scheme === 'bearer')
  assert.equal(bearer.length, 1, `${status} without a challenge`)
  return Object.fromEntries(bearer[0]?.parameters ?? [])
}

/** The tool ran and its result came back. */
export function assertRan(answer: Answer, text?: string): void {
  assert.equal(answer.status, 200, answer.text)
  assert.notEqual(answer.message.result?.['isError'], true, answer.text)
  assert.ok(answer.message.result, answer.text)
  if (text !== undefined) assert.ok(JSON.stringify(answer.message.result['content']).includes(text), answer.text)
}

/** The names of the tools in an answer to `tools/list`. */
export function toolsIn({ message, text }: Answer): string[] {
  const tools = message.result?.['tools']
  assert.ok(Array.isArray(tools), text)
  return (tools as { name: string }[]).map(({ name }) => name)
}

/** The request was refused with a JSON-RPC error that has its id. */
export function assertRpcError(answer: Answer, status: number, code: number, id: unknown = 7): void {
  assert.deepEqual([answer.status, answer.message.error?.code, answer.message.id], [status, code, id], answer.text)
}

/** Sends header lines as they are, duplicates and control characters included, and gives the status of the answer. */
export function rawStatus(url: string, lines: readonly string[], body: string): Promise<number> {
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => {
      const head = [
        `POST ${pathname} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        ...lines,
      ]
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1')
    })
    socket.on('data', (chunk: Buffer) => void (received += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1])))
  })
}

/** Header lines of a message for `rawStatus`. */
export function linesOf({ headers }: Sent, token: string): string[] {
  return [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `Authorization: Bearer ${token}`]
}
