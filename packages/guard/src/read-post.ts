import { err, ok, parseStrictJson, type Result } from '@permitry/oauth'
import { rpcError } from './answers.ts'
import { readBody } from './body.ts'
import { readEra, type Era } from './era.ts'
import { readMessage, type Message } from './message.ts'
import type { Settings } from './settings.ts'
import type { Incoming } from './types.ts'

/** A POST as it was read, once: the handler gets the same `body` and reads nothing itself. */
export interface Post {
  readonly message: Message
  readonly era: Era
  readonly body: Readonly<Record<string, unknown>>
}

/** Reads the body of a POST, bounded and strictly, and checks the headers that mirror it. */
export async function readPost(request: Incoming, { maxBodyBytes }: Settings): Promise<Result<Post, Response>> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    return err(rpcError(415, -32000, 'Content-Type must be application/json', null))
  }
  const text = await readBody(request, maxBodyBytes)
  if (text === undefined) return err(rpcError(413, -32000, `the body is longer than ${maxBodyBytes} bytes`, null))
  const json = parseStrictJson(text)
  if (!json.ok) return err(rpcError(400, -32700, json.error, null))
  const read = readMessage(json.value)
  if (!read.ok) return err(rpcError(400, -32600, read.error.message, read.error.id))
  const { message, body } = read.value
  const era = readEra(message, request.headers)
  if (!era.ok) return err(rpcError(400, era.error.code, era.error.message, idOf(message)))
  return ok({ message, era: era.value, body })
}

/** The id to answer to: `null` for what expects no answer. */
export function idOf(message: Message): string | number | null {
  return message.kind === 'request' ? message.id : null
}
