// A web-standard MCP handler behind node:http: one conversion for a request that was read already, and one for its answer.
import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { Admission } from '../admit.ts'
import { finish } from '../finish.ts'
import type { HandlerOptions } from '../guard.ts'
import { type GuardedRequest, targetOf } from './node-request.ts'

type Fetch = (request: Request, options: HandlerOptions) => Promise<Response>

/** Lets a handler answer an admitted request. The `Request` has no body, since the handler gets the parsed one. */
export async function answerBy(
  fetch: Fetch,
  req: GuardedRequest,
  res: ServerResponse,
  admission: Admission,
): Promise<void> {
  const gone = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) gone.abort()
  })
  const { authInfo, body } = admission
  const request = new Request(targetOf(req), {
    method: req.method ?? 'GET',
    headers: headersFor(req, admission),
    signal: gone.signal,
  })
  const answer = await fetch(request, { authInfo, ...(body !== undefined && { parsedBody: body }) })
  await write(finish(answer, admission), res, gone.signal)
}

function headersFor({ headers }: GuardedRequest, { withheld }: Admission): Headers {
  const shown = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || withheld.includes(name)) continue
    for (const one of Array.isArray(value) ? value : [value]) shown.append(name, one)
  }
  return shown
}

async function write(answer: Response, res: ServerResponse, gone: AbortSignal): Promise<void> {
  res.statusCode = answer.status
  res.setHeaders(answer.headers)
  if (answer.body === null) return void res.end()
  // What is one message goes out in one piece; only streams are worth their waits.
  if (isWhole(answer)) return void res.end(Buffer.from(await answer.arrayBuffer()))
  res.flushHeaders()
  try {
    for await (const chunk of answer.body) {
      if (gone.aborted) break
      if (!res.write(chunk)) await once(res, 'drain', { signal: gone })
    }
  } catch (error) {
    if (!gone.aborted) throw error
  }
  res.end()
}

function isWhole({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true
}
