import { err, type Form, parseForm, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'

/** Reads a form body: right media type, nothing repeated but `resource` (OAuth 2.1 §3.2). */
export async function readForm(c: Http): Promise<Result<Form>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return err('send the parameters as application/x-www-form-urlencoded')
  const form = parseForm(await c.req.text(), { repeatable: ['resource'] })
  if (form.ok && form.value.repeated.length > 0) return err(`${form.value.repeated.join(', ')} was sent more than once`)
  return form
}
