import { err, ok, type Result } from '@permitry/oauth'
import type { Http } from '../../http/endpoint.ts'
import type { RegistrationFailure } from './checks.ts'

/** Reads a JSON body (RFC 7591 §3.1). The route bounds its size. */
export async function readJson(c: Http): Promise<Result<unknown, RegistrationFailure>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return refused('send the metadata as application/json')
  const text = await c.req.text()
  try {
    return ok(JSON.parse(text) as unknown)
  } catch (error) {
    if (error instanceof SyntaxError) return refused('the body is not valid JSON')
    throw error
  }
}

function refused(description: string): Result<never, RegistrationFailure> {
  return err({ error: 'invalid_client_metadata', description })
}
