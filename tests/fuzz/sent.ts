/** A request as it will be sent; parameters stay pairs, so that they can be repeated and reordered. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly query: readonly Parameter[]
  readonly headers: Readonly<Record<string, string>>
  /** A form, or a text that is sent as it is. */
  readonly body: readonly Parameter[] | string | undefined
}

export type Parameter = readonly [name: string, value: string]

export function toRequest({ method, path, query, headers, body }: Sent, origin: string): Request {
  const search = new URLSearchParams(query.map(([name, value]) => [name, value])).toString()
  const all = new Headers()
  if (Array.isArray(body)) all.set('content-type', 'application/x-www-form-urlencoded')
  for (const [name, value] of Object.entries(headers)) all.set(name, value)
  return new Request(`${origin}${path}${search === '' ? '' : `?${search}`}`, {
    method,
    headers: all,
    redirect: 'manual',
    ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: bodyText(body) }),
  })
}

export function bodyText(body: readonly Parameter[] | string): string {
  return typeof body === 'string' ? body : new URLSearchParams(body.map(([name, value]) => [name, value])).toString()
}
