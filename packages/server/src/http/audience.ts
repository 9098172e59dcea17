import type { Context } from 'hono'
import { newId } from '../keys/secrets.ts'
import { errorResponse } from './pages.ts'
import { problem } from './problem.ts'

/** Who reads the answers of an endpoint decides how failures look there. A fault tells outsiders a request id and nothing else. */
export interface Audience {
  malformed(c: Context, detail: string): Response
  notFound(c: Context): Response
  /** RFC 9110 §15.5.6: `Allow` is set. */
  wrongMethod(c: Context, allow: string): Response
  fault(c: Context, report: (requestId: string) => void): Response
}

/** Pages with a sentence on what to do next. */
export const forPeople: Audience = {
  malformed: (c) => errorResponse(c, { cause: 'request_malformed' }),
  notFound: (c) => errorResponse(c, { cause: 'not_found' }),
  wrongMethod: (c) => errorResponse(c, { cause: 'wrong_method' }),
  fault(c, report) {
    const requestId = newId('req')
    report(requestId)
    return errorResponse(c, { cause: 'server_error' }, { requestId })
  },
}

/** JSON with an OAuth error code (RFC 6749 §5.2). */
export const forClients: Audience = {
  malformed: (c, detail) => c.json({ error: 'invalid_request', error_description: detail }, 413),
  wrongMethod: (c, allow) => c.json({ error: 'invalid_request', error_description: `the method is ${allow}` }, 405),
  notFound: (c) => c.json({ error: 'invalid_request', error_description: 'there is no such tenant' }, 404),
  fault(c, report) {
    const requestId = newId('req')
    report(requestId)
    return c.json({ error: 'server_error', error_description: `the server failed, see its log for ${requestId}` }, 500)
  },
}

/** Problem details (RFC 9457), which only pages of this origin read. */
export const forConsole: Audience = {
  malformed: (c, detail) => problem(c, 'too_large', { detail }),
  wrongMethod: (c, allow) => problem(c, 'wrong_method', { detail: `the method is ${allow}` }),
  notFound: (c) => problem(c, 'not_found', { detail: 'there is no such tenant' }),
  fault(c, report) {
    const requestId = newId('req')
    report(requestId)
    return problem(c, 'fault', { detail: `the server failed, see its log for ${requestId}`, request_id: requestId })
  },
}

/** As for clients, but no page of a browser reads it. */
export const forGuards: Audience = { ...forClients }
