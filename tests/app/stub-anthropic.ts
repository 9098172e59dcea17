// Anthropic's Messages API with answers that are written down. It is as strict as the real one about what a host may send: key and
// version in headers, turns in order, each call followed by its result.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type Message, type Reply, replyTo, type Script, type StubModel } from './stub-model.ts'

interface Block {
  type: string
  text?: string
  id?: string
  name?: string
  tool_use_id?: string
  content?: string | { text?: string }[]
}

interface Request {
  model: string
  max_tokens?: number
  stream?: boolean
  system?: unknown
  messages: { role: 'user' | 'assistant'; content: string | Block[] }[]
  tools?: { name: string; input_schema: { type: string } }[]
}

/** How the endpoint fails: before it answers, or after the first words. */
export type Failure = 'overloaded' | 'refuses-key' | 'breaks-off'

export interface StubAnthropic extends Pick<StubModel, 'choice' | 'script' | 'close'> {
  /** For each request that comes, in order; then it works again. */
  readonly failures: Failure[]
  readonly requests: { headers: IncomingHttpHeaders; body: Request }[]
}

export async function startStubAnthropic(key: string): Promise<StubAnthropic> {
  const stub = { script: [] as Script, failures: [] as Failure[], requests: [] as StubAnthropic['requests'] }
  const server = createServer((request, response) => {
    void (async () => {
      const body = (await json(request)) as Request
      stub.requests.push({ headers: request.headers, body })
      if (request.headers['x-api-key'] !== key || stub.failures[0] === 'refuses-key') {
        stub.failures.shift()
        return refuse(
          response,
          401,
          'authentication_error',
          `invalid x-api-key: ${String(request.headers['x-api-key'])}`,
        )
      }
      const fault = request.url === '/v1/messages' ? faultOf(request.headers, body) : `no ${String(request.url)}`
      if (fault !== undefined) return refuse(response, 400, 'invalid_request_error', fault)
      const failure = stub.failures.shift()
      if (failure === 'overloaded') return refuse(response, 529, 'overloaded_error', 'Overloaded')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return stream(response, replyTo(stub.script, flat(body.messages)), failure)
    })().catch((fault: unknown) => {
      console.error('the script of the model has a fault:', fault)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(stub, {
    choice: `anthropic/claude-stub@http://127.0.0.1:${port}/v1`,
    close: () => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  })
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_stub' }))
}

/** The events of a streamed message (Messages API, Streaming). */
function stream(response: ServerResponse, { text, calls = [] }: Reply, failure: Failure | undefined): void {
  const send = (type: string, more: object = {}): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
  const usage = { input_tokens: 1, output_tokens: 1 }
  send('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-stub',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  })
  send('ping')
  const words = failure === undefined ? (text?.split(/(?<= )/) ?? []) : ['Half ', 'an ']
  if (words.length > 0) {
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
    for (const word of words) send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word } })
    if (failure === 'breaks-off') {
      send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })
      return void response.end()
    }
    send('content_block_stop', { index: 0 })
  }
  calls.forEach(({ name, arguments: input }, at) => {
    const index = at + (words.length > 0 ? 1 : 0)
    send('content_block_start', { index, content_block: { type: 'tool_use', id: `toolu_${at}`, name, input: {} } })
    // The real one cuts the JSON anywhere.
    for (const piece of JSON.stringify(input).match(/.{1,7}/gs) ?? [])
      send('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } })
    send('content_block_stop', { index })
  })
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn'
  send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 2 } })
  send('message_stop')
  response.end()
}

/** Why the real one would answer 400. */
function faultOf(
  headers: IncomingHttpHeaders,
  { model, max_tokens, stream: streams, messages, tools = [] }: Request,
): string | undefined {
  if (headers['anthropic-version'] === undefined) return 'anthropic-version: header is required'
  if (model !== 'claude-stub' || streams !== true || !Number.isInteger(max_tokens)) return 'model, stream, max_tokens'
  if (messages[0]?.role !== 'user') return 'messages: first message must use the user role'
  if (tools.some(({ name, input_schema }) => !/^[\w-]{1,128}$/.test(name) || input_schema.type !== 'object'))
    return 'tools'
  let open: string[] = []
  for (const { content } of messages) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    const results = blocks.flatMap(({ type, tool_use_id = '' }) => (type === 'tool_result' ? [tool_use_id] : []))
    if (results.join() !== open.join())
      return 'each `tool_use` block must have a `tool_result` block in the next message'
    if (blocks.length === 0 || blocks.some(({ type, text }) => type === 'text' && text?.trim() === ''))
      return 'text content blocks must be non-empty'
    open = blocks.flatMap(({ type, id = '' }) => (type === 'tool_use' ? [id] : []))
    if (open.some((id) => !/^[\w-]+$/.test(id)) || new Set(open).size !== open.length) return 'tool_use.id'
  }
  return open.length === 0 ? undefined : 'a `tool_use` block without a result'
}

/** The same messages in the form that scripts are played from. */
function flat(messages: Request['messages']): Message[] {
  return messages.flatMap(({ role, content }): Message[] => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content } as Block] : content
    const said = blocks.flatMap(({ type, text = '' }) => (type === 'text' ? [text] : [])).join('\n')
    const results = blocks
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id = '', content: given = '' }) => ({
        role: 'tool',
        tool_call_id: tool_use_id,
        content: typeof given === 'string' ? given : given.map(({ text = '' }) => text).join('\n'),
      }))
    if (role === 'user') return [...results, ...(said === '' ? [] : [{ role, content: said }])]
    const tool_calls = blocks.flatMap(({ type, id = '', name = '' }) =>
      type === 'tool_use' ? [{ id, function: { name } }] : [],
    )
    return [{ role, content: said, tool_calls }]
  })
}
