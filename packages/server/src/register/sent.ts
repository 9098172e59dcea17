/** Client metadata as it was sent: members that this server reads, each undefined when it was left out. */
export interface SentMetadata {
  readonly texts: Readonly<Record<(typeof TEXTS)[number], string | undefined>>
  readonly lists: Readonly<Record<(typeof LISTS)[number], readonly string[] | undefined>>
  readonly jwks: object | undefined
  readonly dpopBound: boolean
  /** Members whose value has another type than RFC 7591 §2 gives them. */
  readonly mistyped: readonly string[]
}

const TEXTS = [
  'application_type',
  'client_name',
  'client_uri',
  'id_token_signed_response_alg',
  'jwks_uri',
  'logo_uri',
  'scope',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
] as const

const LISTS = [
  'grant_types',
  'post_logout_redirect_uris',
  'redirect_uris',
  'response_types',
  'token_endpoint_auth_methods_supported',
] as const

/**
 * Reads the members that count and none else (RFC 7591 §2: "ignore values sent by the client that it does not
 * understand"). Clients write `null` or an empty text for what they have nothing to say about: both count as left out.
 */
export function readSentMetadata(sent: Readonly<Record<string, unknown>>): SentMetadata {
  const said = (name: string): unknown => (Object.hasOwn(sent, name) ? (sent[name] ?? undefined) : undefined)
  const text = (name: string) => (isText(said(name)) && said(name) !== '' ? said(name) : undefined)
  const list = (name: string) => (isListOfTexts(said(name)) ? said(name) : undefined)
  const jwks = said('jwks')
  return {
    texts: Object.fromEntries(TEXTS.map((name) => [name, text(name)])) as SentMetadata['texts'],
    lists: Object.fromEntries(LISTS.map((name) => [name, list(name)])) as SentMetadata['lists'],
    jwks: isRecord(jwks) ? jwks : undefined,
    dpopBound: said('dpop_bound_access_tokens') === true,
    mistyped: [
      ...TEXTS.filter((name) => said(name) !== undefined && !isText(said(name))),
      ...LISTS.filter((name) => said(name) !== undefined && !isListOfTexts(said(name))),
      ...(jwks !== undefined && !isRecord(jwks) ? ['jwks'] : []),
    ],
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}
