// An OpenAI-compatible endpoint whose answers are written down: what a language model would say, and what a hostile one would.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What the model answers: text, calls, or a failure of the endpoint. */
export interface Reply {
  text?: string
  calls?: { name: string; arguments: Record<string, unknown> }[]
  status?: number
}

/** Results of the tools in this turn, by name; text where a tool gave no structure. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what the clinic's tools give, each of another shape
export type Results = Record<string, any>
export type Step = (results: Results) => Reply

/** For a message of the person: what the model does, step by step. The first row that fits is played. */
export type Script = readonly (readonly [message: RegExp, steps: readonly Step[]])[]

export interface Message {
  role: string
  content: string | null
  tool_calls?: { id: string; function: { name: string } }[]
  tool_call_id?: string
}

export interface StubModel {
  /** For `ASSISTANT_MODEL`. */
  readonly choice: string
  script: Script
  /** Every request that came, as it came. */
  readonly requests: { messages: Message[]; tools?: { function: { name: string } }[] }[]
  /** While set, answers wait for it: a test looks at what is on the page meanwhile. */
  hold: Promise<void> | undefined
  close(): Promise<void>
}

export const say = (text: string): Reply => ({ text })
export const call = (name: string, args: Record<string, unknown> = {}): Reply => ({
  calls: [{ name, arguments: args }],
})

export async function startStubModel(): Promise<StubModel> {
  const stub: Omit<StubModel, 'choice' | 'close'> & { script: Script } = { script: [], requests: [], hold: undefined }
  const server = createServer((request, response) => {
    void (async () => {
      const body = (await json(request)) as StubModel['requests'][number]
      stub.requests.push(body)
      const reply = replyTo(stub.script, body.messages)
      if (reply.status !== undefined)
        return response.writeHead(reply.status).end('{"error":{"message":"out of order"}}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (delta: object, finish: string | null = null): boolean =>
        response.write(
          `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'stub', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
        )
      const words = reply.text?.split(/(?<= )/) ?? []
      for (const [index, word] of words.entries()) {
        send({ role: 'assistant', content: word })
        if (index === Math.floor(words.length / 2)) await stub.hold
      }
      reply.calls?.forEach((one, index) =>
        send({
          tool_calls: [
            {
              index,
              id: `call_${index}`,
              type: 'function',
              function: { name: one.name, arguments: JSON.stringify(one.arguments) },
            },
          ],
        }),
      )
      send({}, reply.calls ? 'tool_calls' : 'stop')
      return response.end('data: [DONE]\n\n')
    })().catch((fault: unknown) => {
      console.error('the script of the model has a fault:', fault)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(stub, {
    choice: `openai-compatible/stub@http://127.0.0.1:${port}/v1`,
    close: () => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  })
}

/** What the script says to a conversation. */
export function replyTo(script: Script, messages: readonly Message[]): Reply {
  const start = messages.findLastIndex(({ role }) => role === 'user')
  const asked = String(messages[start]?.content ?? '')
  const turn = messages.slice(start + 1)
  const steps = script.find(([message]) => message.test(asked))?.[1]
  const step = steps?.[turn.filter(({ role }) => role === 'assistant').length]
  return step?.(resultsOf(turn)) ?? say('I do not know.')
}

function resultsOf(turn: readonly Message[]): Results {
  const names = new Map(turn.flatMap((m) => m.tool_calls ?? []).map(({ id, function: { name } }) => [id, name]))
  return Object.fromEntries(
    turn
      .filter(({ role }) => role === 'tool')
      .map(({ tool_call_id: id = '', content }) => [names.get(id) ?? id, parse(content ?? '')]),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
