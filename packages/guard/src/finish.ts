import type { Admission } from './admit.ts'
import { endWithToken, isEventStream } from './end-stream.ts'
import { textFilterFor, type TextFilter } from './text-filter.ts'

/** Makes of a handler's answer what the caller gets: cut down to what may be seen, and over when the token is. */
export function finish(response: Response, admission: Admission): Response {
  const { headers, filter, onSession, endsAfter, untilRevoked } = admission
  const sessionId = response.headers.get('mcp-session-id')
  if (sessionId !== null) onSession?.(sessionId)
  const added = Object.entries(headers)
  const goesOn = endsAfter !== undefined || (untilRevoked && isEventStream(response.headers.get('content-type')))
  if (filter === undefined && !goesOn && added.length === 0) return response
  const copy = new Headers(response.headers)
  for (const [name, value] of added) copy.set(name, value)
  let { body } = response
  if (body !== null && goesOn) body = endWithToken(body, admission)
  if (body !== null && filter !== undefined) {
    const text = textFilterFor(copy.get('content-type'), copy.get('content-encoding'), filter)
    body = body.pipeThrough(toStream(text))
    copy.delete('content-length')
  }
  return new Response(body, { status: response.status, statusText: response.statusText, headers: copy })
}

function toStream(filter: TextFilter): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  return new TransformStream({
    transform(chunk, controller) {
      const text = filter.push(decoder.decode(chunk, { stream: true }))
      if (text !== '') controller.enqueue(encoder.encode(text))
    },
    flush(controller) {
      const text = filter.push(decoder.decode()) + filter.end()
      if (text !== '') controller.enqueue(encoder.encode(text))
    },
  })
}
