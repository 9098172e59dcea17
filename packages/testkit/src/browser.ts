/** A form of a page, with what a person would find filled in. */
export interface PageForm {
  readonly action: string
  readonly method: 'get' | 'post'
  readonly fields: readonly {
    readonly name: string
    readonly value: string
    readonly type: string
    readonly checked: boolean
  }[]
}

/** What the browser shows: the last response that was no redirect, or the address that it was not asked to follow. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly forms: readonly PageForm[]
}

type Fetch = (request: Request) => Promise<Response>

/**
 * A browser without script: keeps cookies, follows redirects and meta refreshes inside one origin, fills in forms. It
 * stops at the first address of another origin, which is how an authorization response reaches the client.
 */
export class Browser {
  readonly #fetch: Fetch
  readonly #cookies = new Map<string, Map<string, string>>()

  constructor(send: Fetch = (request) => fetch(request)) {
    this.#fetch = send
  }

  async open(url: string): Promise<Page> {
    return this.#visit(new Request(url, { redirect: 'manual' }))
  }

  /** Submits a form of a page with some of its fields set; an array sets a group of checkboxes. */
  async submit(page: Page, values: Record<string, string | readonly string[]>, form = page.forms[0]): Promise<Page> {
    if (!form) throw new Error(`no form on ${page.url}: ${page.text.slice(0, 500)}`)
    const body = new URLSearchParams()
    for (const { name, value, type, checked } of form.fields) {
      if (name in values || type === 'submit' || (type === 'checkbox' && !checked)) continue
      body.append(name, value)
    }
    for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) body.append(name, one)
    const action = new URL(form.action, page.url).href
    if (form.method === 'get') return this.open(`${action}?${body.toString()}`)
    const origin = new URL(page.url).origin
    return this.#visit(new Request(action, { method: 'POST', body, redirect: 'manual', headers: { origin } }))
  }

  /** The cookies that would be sent to an origin, as a header value. */
  cookies(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #visit(request: Request): Promise<Page> {
    const { origin } = new URL(request.url)
    const cookies = this.cookies(origin)
    if (cookies) request.headers.set('cookie', cookies)
    const response = await this.#fetch(request)
    this.#remember(origin, response.headers.getSetCookie())
    const location = response.headers.get('location')
    const text = location === null ? await response.text() : ''
    const next = location ?? refreshTarget(text)
    const page = { url: request.url, status: response.status, headers: response.headers, text, forms: parseForms(text) }
    if (next === undefined) return page
    const url = new URL(next, request.url)
    return url.origin === origin ? this.open(url.href) : { ...page, url: url.href }
  }

  #remember(origin: string, lines: readonly string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';')
      const [name = '', ...value] = pair.split('=')
      if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) jar.delete(name.trim())
      else jar.set(name.trim(), value.join('='))
    }
  }
}

function refreshTarget(html: string): string | undefined {
  const content = /<meta http-equiv="refresh" content="0; ?url=([^"]*)"/i.exec(html)?.[1]
  return content === undefined ? undefined : unescape(content)
}

function parseForms(html: string): PageForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, attributes = '', body = '']) => ({
    action: attribute(attributes, 'action') ?? '',
    method: attribute(attributes, 'method')?.toLowerCase() === 'post' ? 'post' : 'get',
    fields: [...body.matchAll(/<(input|button)\b([^>]*)>/gis)].flatMap(([, tag, input = '']) => {
      const name = attribute(input, 'name')
      if (name === undefined) return []
      const type = attribute(input, 'type') ?? (tag === 'button' ? 'submit' : 'text')
      return [
        {
          name,
          value: attribute(input, 'value') ?? (type === 'checkbox' ? 'on' : ''),
          type,
          checked: /\bchecked\b/i.test(input),
        },
      ]
    }),
  }))
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value === undefined ? undefined : unescape(value)
}

function unescape(html: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return html.replaceAll(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => named[name] ?? whole)
}
