import { ClientError } from '../errors.ts'

/** Tools may answer with pictures and files, as base64. */
const MESSAGE_BYTES = 32 * 1024 * 1024
const LF = 10
const CR = 13

/**
 * An answer of an MCP server that breaks off where one message of it is larger than the limit: a server that never ends
 * one would fill the memory of all users of the app. A stream may be endless; each of its events may not.
 */
export function withinLimit(response: Response, limit = MESSAGE_BYTES): Response {
  if (response.body === null) return response
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const sizeAfter = isStream ? eventCounter() : totalCounter()
  const checked = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      if (sizeAfter(chunk) > limit) throw new ClientError('limit_exceeded', `a message was larger than ${limit} bytes`)
      controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = response
  return new Response(response.body.pipeThrough(checked), { status, statusText, headers })
}

type Counter = (chunk: Uint8Array) => number

function totalCounter(): Counter {
  let size = 0
  return (chunk) => (size += chunk.byteLength)
}

/** The size of the event that is not complete yet; an empty line ends one. */
function eventCounter(): Counter {
  let size = 0
  let isLineEmpty = true
  return (chunk) => {
    for (const byte of chunk) {
      size += 1
      if (byte === LF && isLineEmpty) size = 0
      if (byte !== CR) isLineEmpty = byte === LF
    }
    return size
  }
}
