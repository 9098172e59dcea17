// Hides secrets in what observers are told: by the names of fields that hold them, and afterwards wherever they are seen again.

const HIDDEN = '‹hidden›'

const SECRET_FIELDS = new Set(
  (
    'access_token refresh_token id_token client_secret client_assertion assertion code code_verifier device_code ' +
    'registration_access_token subject_token actor_token password state nonce token'
  ).split(' '),
)
const SECRET_HEADERS = new Set('authorization cookie set-cookie dpop proxy-authorization mcp-session-id'.split(' '))
/** Shorter values are found in innocent text too often. */
const MIN_SECRET_LENGTH = 16
const MAX_DEPTH = 50

/** Remembers the secrets that it has hidden, so that a server which echoes a token does not show it. */
export interface Masker {
  url(url: string | URL): string
  headers(headers: Headers): Record<string, string>
  /** Forms and JSON of OAuth: fields with secret names are hidden. Other text has no fields, and is hidden whole. */
  oauth(body: unknown): unknown
  /** JSON of MCP, whose fields are the tools' own: only known secrets are hidden. */
  mcp(body: unknown): unknown
}

export function createMasker(): Masker {
  const known = new Set<string>()
  const learn = (value: string): string => {
    if (value.length >= MIN_SECRET_LENGTH) known.add(value)
    return HIDDEN
  }
  const hideKnown = (text: string): string => {
    let hidden = text
    for (const secret of known) hidden = hidden.replaceAll(secret, HIDDEN)
    return hidden
  }
  const walk = (value: unknown, byName: boolean, depth = 0): unknown => {
    if (typeof value === 'string') return hideKnown(value)
    if (typeof value !== 'object' || value === null) return value
    if (depth > MAX_DEPTH) return HIDDEN
    if (Array.isArray(value)) return value.map((item) => walk(item, byName, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([name, item]: [string, unknown]) => [
        hideKnown(name),
        byName && SECRET_FIELDS.has(name) && typeof item === 'string' ? learn(item) : walk(item, byName, depth + 1),
      ]),
    )
  }
  return {
    url(address) {
      const url = new URL(address)
      for (const name of SECRET_FIELDS) {
        const value = url.searchParams.get(name)
        if (value !== null) url.searchParams.set(name, learn(value))
      }
      return hideKnown(url.href)
    },
    headers(headers) {
      return Object.fromEntries(
        [...headers].map(([name, value]) => {
          if (!SECRET_HEADERS.has(name)) return [name, hideKnown(value)]
          const [, scheme, secret] = /^(Bearer|Basic|DPoP) (.*)$/i.exec(value) ?? []
          learn(secret ?? value)
          return [name, scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`]
        }),
      )
    },
    oauth: (body) => (typeof body === 'string' && body !== '' ? HIDDEN : walk(body, true)),
    mcp: (body) => walk(body, false),
  }
}
