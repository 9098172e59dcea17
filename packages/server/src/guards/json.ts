import { errorBody } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'

/** Reads a JSON body, whose size the route bounds; undefined when it is none. */
export async function jsonBody(c: Http): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Says to a guard what is wrong with its report. Nothing that it sent is repeated. */
export function refuse(c: Http, status: 400 | 403 | 429, description: string): Response {
  const code = status === 403 ? 'access_denied' : status === 429 ? 'temporarily_unavailable' : 'invalid_request'
  return c.json(errorBody(code, description), status)
}
