import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { type Agent, request as requestSecure } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { err, ok, type Result } from '@permitry/oauth'
import type { OutboundDocument, OutboundFailure, OutboundOptions } from './outbound.ts'

export interface Exchange extends OutboundOptions {
  /** The checked addresses: the connection goes to one of these, whatever the name means by now. */
  readonly addresses: readonly string[]
  readonly secureAgent: Agent
  readonly signal: AbortSignal
}

/** One request on a connection of its own, and its whole answer within limits. Knows nothing of what may be fetched. */
export async function exchange(url: URL, options: Exchange): Promise<Result<OutboundDocument, OutboundFailure>> {
  const request = start(url, options)
  try {
    const response = await answerTo(request)
    const body = await readBody(response, options.maxBytes)
    return body === undefined
      ? err({ reason: 'too_large', detail: `the answer is larger than ${options.maxBytes} bytes` })
      : ok({ status: response.statusCode ?? 0, headers: toHeaders(response), body })
  } catch (error) {
    if (options.signal.aborted) return err({ reason: 'timed_out', detail: 'there was no whole answer in time' })
    const detail = networkFault(error)
    if (detail === undefined) throw error
    return err({ reason: 'unreachable', detail })
  } finally {
    request.destroy()
  }
}

function start(url: URL, { accept, etag, addresses, secureAgent, signal }: Exchange): ClientRequest {
  const isSecure = url.protocol === 'https:'
  const request = (isSecure ? requestSecure : requestPlain)(url, {
    agent: isSecure ? secureAgent : false,
    lookup: pinnedTo(addresses),
    signal,
    headers: {
      accept,
      // The one packing that is unpacked below; hosts that store packed files send it without being asked, too.
      'accept-encoding': 'gzip',
      'user-agent': 'permitry',
      ...(etag !== undefined && { 'if-none-match': etag }),
    },
  })
  request.end()
  return request
}

export function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    // It stays: an error after the answer is the body's to tell, and one that nobody heard would end the process.
    request.on('error', reject)
    // What switches protocols is closed by Node without a word.
    request.on('close', () => reject(new BadAnswer('the connection ended without an answer')))
  })
}

/** A lookup that asks nobody. */
export function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all }, callback) => {
    if (all) callback(null, found)
    else callback(null, found[0]?.address ?? '', found[0]?.family)
  }
}

/** The body, unpacked; undefined when it is larger than the limit on the wire or unpacked. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return unpack(Buffer.concat(chunks), response.headers['content-encoding'], maxBytes)
}

async function unpack(packed: Buffer, encoding: string | undefined, maxBytes: number): Promise<Uint8Array | undefined> {
  if (encoding === undefined || encoding === 'identity' || packed.byteLength === 0) return packed
  if (encoding !== 'gzip') throw new BadAnswer('the answer is packed in a way that was not asked for')
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: maxBytes })
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}

class BadAnswer extends Error {
  readonly code = 'BAD_ANSWER'
}

export function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  headers.delete('set-cookie')
  return headers
}

/** What Node says about sockets, TLS, HTTP and gzip has a code; anything else is a fault of ours. */
export function networkFault(error: unknown): string | undefined {
  const code = codeOf(error)
  const { message } = error as Error
  // Of several addresses that were tried Node says the code only.
  return code === undefined || message === '' ? code : `${code}: ${message}`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
