import type { Incoming } from './types.ts'

/**
 * Reads a request body up to a limit; undefined when it is longer, and then no more than the limit was read. A declared
 * length is believed where it is within the limit, since HTTP servers hold requests to it.
 */
export async function readBody(request: Incoming, limit: number): Promise<string | undefined> {
  const declared = Number(request.headers.get('content-length') || Number.NaN)
  if (declared > limit) return undefined
  if (declared <= limit) {
    const text = await request.text()
    return text.length > limit ? undefined : text
  }
  return readBounded(request.body, limit)
}

/** Reads a stream of UTF-8 up to a limit in bytes; undefined when it is longer. */
export async function readBounded(
  stream: AsyncIterable<Uint8Array> | null,
  limit: number,
): Promise<string | undefined> {
  if (stream === null) return ''
  let text = ''
  let size = 0
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
