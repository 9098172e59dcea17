import { err, ok, type Result } from '@permitry/oauth'

/** A JSON-RPC id, or `null` where none could be read. */
export type MessageId = string | number | null

/** The body of a POST, JSON-RPC 2.0 §4, §5. */
export type Message =
  | { readonly kind: 'request'; readonly id: string | number; readonly method: string; readonly params: Params }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Params }
  /** An answer to a request of the server: only before 2026-07-28. */
  | { readonly kind: 'response' }

export type Params = Readonly<Record<string, unknown>>

/** Why a body is no message, with the id to answer to. */
export interface MessageFault {
  readonly message: string
  readonly id: MessageId
}

/** Reads the shape of one message. A batch is none: 2025-06-18 removed them, and one refusal cannot answer many calls. */
export function readMessage(
  body: unknown,
): Result<{ readonly message: Message; readonly body: Readonly<Record<string, unknown>> }, MessageFault> {
  if (Array.isArray(body)) return fault('JSON-RPC batches are not served: send one message in a request', null)
  if (!isRecord(body)) return fault('the body is not a JSON-RPC message', null)
  const { jsonrpc, id, method, params = {} } = body
  const echo = typeof id === 'string' || typeof id === 'number' ? id : null
  if (jsonrpc !== '2.0') return fault('`jsonrpc` must be "2.0"', echo)
  const isAnswer = 'result' in body || 'error' in body
  if (method === undefined && isAnswer && id !== undefined) return ok({ message: { kind: 'response' }, body })
  // A message that is both a request and an answer would be one thing here and another to somebody else.
  if (typeof method !== 'string' || isAnswer) return fault('the body is not one JSON-RPC message', echo)
  if (!isRecord(params)) return fault('`params` must be an object', echo)
  if (!('id' in body)) return ok({ message: { kind: 'notification', method, params }, body })
  if (typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id))) {
    return ok({ message: { kind: 'request', id, method, params }, body })
  }
  return fault('`id` must be a text or a whole number', null)
}

function fault(message: string, id: MessageId): { readonly ok: false; readonly error: MessageFault } {
  return err({ message, id })
}

/** Says whether a value is an object with members, which an array is not. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
