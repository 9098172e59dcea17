import { err, ok, type Result } from '@permitry/oauth'
import type { z } from 'zod'
import type { Http } from '../http/endpoint.ts'

/** Reads a JSON body and holds it against its shape; the error is a sentence for whoever sent it. */
export async function readBody<T>(c: Http, shape: z.ZodType<T>): Promise<Result<T>> {
  const body = await readJsonBody(c)
  if (!body.ok) return body
  const parsed = shape.safeParse(body.value)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return err(`${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is not valid'}`)
}

/** A missing body is an empty object. The route bounds its size. */
async function readJsonBody(c: Http): Promise<Result<unknown>> {
  const text = await c.req.text()
  if (text === '') return ok({})
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return err('send the body as application/json')
  try {
    return ok(JSON.parse(text) as unknown)
  } catch (error) {
    if (error instanceof SyntaxError) return err('the body is not valid JSON')
    throw error
  }
}
