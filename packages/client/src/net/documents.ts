import type { FetchLike } from '@modelcontextprotocol/client'
import { ClientError } from '../errors.ts'

export interface DocumentLimits {
  readonly bytes: number
  readonly milliseconds: number
}

const LIMITS: DocumentLimits = { bytes: 256 * 1024, milliseconds: 10_000 }

/** A fetch for OAuth: metadata, registration and tokens are small and come soon, or they are not read. */
export function documentFetch(send: FetchLike, limits: DocumentLimits = LIMITS): FetchLike {
  return async (url, init) => {
    const timeout = AbortSignal.timeout(limits.milliseconds)
    try {
      return await buffered(await send(url, { ...init, signal: timeout }), limits.bytes)
    } catch (cause) {
      if (!timeout.aborted) throw cause
      throw new ClientError('limit_exceeded', `\`${new URL(url).origin}\` took more than ${limits.milliseconds} ms`, {
        cause,
      })
    }
  }
}

/** A response whose body was read to its end; throws when it is larger than the limit. */
export async function buffered(response: Response, limit = LIMITS.bytes): Promise<Response> {
  const body = await readWithin(response, limit)
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}

async function readWithin(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (response.body === null) return null
  const chunks: Uint8Array[] = []
  let size = 0
  // `for await` cancels the body when the loop is left, so that nothing more is downloaded.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > limit) throw new ClientError('limit_exceeded', `an answer was larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  // a status without body does not take an empty one
  return size === 0 ? null : whole
}
