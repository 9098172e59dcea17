import type { IncomingMessage } from 'node:http'
import type { Incoming } from '@permitry/guard/adapter'
import type { RequestHeaders } from './request-headers.ts'

/** A request of Node as the guard reads it. The body is read once, by whichever of the two ways the guard chooses. */
export function incomingOf(req: IncomingMessage, target: string, headers: RequestHeaders): Incoming {
  return {
    method: req.method ?? 'GET',
    // The host is of no account: which MCP server is meant was decided by the path.
    url: `http://localhost${target}`,
    headers: { get: (name) => headers.get(name) ?? null },
    body: req,
    text: () => readText(req),
  }
}

/** Node holds a body to its declared length, which the guard has compared with its limit. */
function readText(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.once('end', () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? ''))
    req.once('error', reject)
    req.once('close', () => {
      // Every request closes, and an error costs its stack.
      if (!req.readableEnded) reject(new Error('the request broke off'))
    })
  })
}
