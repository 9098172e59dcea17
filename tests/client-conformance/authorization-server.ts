import { createHash, randomUUID } from 'node:crypto'

interface Code {
  readonly person: string
  readonly request: URLSearchParams
  readonly scopes: readonly string[]
}

interface Family {
  readonly person: string
  readonly clientId: string
  readonly scopes: readonly string[]
  accessToken: string
  refreshToken: string
}

/** What a test tells an authorization server to do otherwise. */
export interface Faults {
  /** Another metadata document; undefined: none. */
  metadata: (document: Record<string, unknown>) => Record<string, unknown> | undefined
  /** Where its metadata may be found. */
  metadataAt: readonly ('oauth' | 'oidc' | 'oidc-path')[]
  /** Changes the authorization response that the browser carries. */
  response: (params: URLSearchParams) => void
  /** What the person or the roles leave of what was asked for. */
  grant: (asked: readonly string[]) => readonly string[]
  /** Answers a token request itself. */
  token: (form: URLSearchParams) => Response | undefined | Promise<Response | undefined>
  /** Answers a registration itself. */
  register: () => Response | undefined
  withoutRefreshTokens: boolean
  /** Other claims about who logged in. */
  idToken: (claims: Record<string, unknown>) => Record<string, unknown>
}

/** An authorization server that checks what it should, and knows what it was asked. */
export class AuthorizationServer {
  readonly issuer: string
  readonly origin: string
  readonly faults: Faults = {
    metadata: (document) => document,
    metadataAt: ['oauth'],
    response: () => {},
    grant: (asked) => asked,
    token: () => undefined,
    register: () => undefined,
    withoutRefreshTokens: false,
    idToken: (claims) => claims,
  }
  /** Registration requests. */
  readonly registered: Record<string, unknown>[] = []
  readonly revoked: string[] = []
  /** Every access and refresh token that it gave. */
  readonly issued: string[] = []
  /** Of clients that it knows; undefined for public ones. */
  readonly clients = new Map<string, string | undefined>()
  readonly #codes = new Map<string, Code>()
  readonly #families: Family[] = []
  /** Access tokens of which it no longer wants to know. */
  readonly #expired = new Set<string>()

  constructor(issuer: string) {
    this.issuer = issuer
    this.origin = new URL(issuer).origin
  }

  scopesOf(accessToken: string): readonly string[] | undefined {
    if (this.#expired.has(accessToken)) return undefined
    return this.#families.find((family) => family.accessToken === accessToken)?.scopes
  }

  personOf(accessToken: string): string | undefined {
    return this.#families.find((family) => family.accessToken === accessToken)?.person
  }

  /** Ends the access tokens; refresh tokens stay good. */
  expireAccessTokens(): void {
    for (const { accessToken } of this.#families) this.#expired.add(accessToken)
  }

  /** A withdrawn grant: nothing is good any more. */
  endFamilies(): void {
    this.#families.length = 0
  }

  /** A person's browser at the authorization endpoint, who says yes: the address that it ends at. */
  consent(address: string, person = 'bob'): string {
    const request = new URL(address).searchParams
    const code = randomUUID()
    const asked = (request.get('scope') ?? 'default').split(' ')
    this.#codes.set(code, { person, request, scopes: this.faults.grant(asked) })
    return this.#respond(request, { code })
  }

  /** The same, of a person who says no. */
  refuse(address: string): string {
    return this.#respond(new URL(address).searchParams, { error: 'access_denied' })
  }

  #respond(request: URLSearchParams, answer: Record<string, string>): string {
    const params = new URLSearchParams({ ...answer, state: request.get('state') ?? '', iss: this.issuer })
    this.faults.response(params)
    return `${request.get('redirect_uri')}?${params.toString()}`
  }

  async answer(request: Request, url: URL): Promise<Response> {
    const form = new URLSearchParams(request.method === 'POST' ? await request.clone().text() : '')
    const { pathname } = new URL(this.issuer)
    const path = pathname === '/' ? '' : pathname
    switch (url.pathname) {
      case `/.well-known/oauth-authorization-server${path}`:
        return this.#metadata('oauth')
      case `/.well-known/openid-configuration${path}`:
        return this.#metadata('oidc')
      case `${path}/.well-known/openid-configuration`:
        return this.#metadata('oidc-path')
      case '/register':
        return this.faults.register() ?? this.#register((await request.json()) as Record<string, unknown>)
      case '/token':
        return (await this.faults.token(form)) ?? this.#token(form, request.headers)
      case '/revoke':
        this.revoked.push(form.get('token') ?? '')
        return new Response()
      default:
        return new Response(null, { status: 404 })
    }
  }

  #metadata(place: Faults['metadataAt'][number]): Response {
    const document = this.faults.metadata({
      issuer: this.issuer,
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      registration_endpoint: `${this.origin}/register`,
      revocation_endpoint: `${this.origin}/revoke`,
      jwks_uri: `${this.origin}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    })
    if (document === undefined || !this.faults.metadataAt.includes(place)) return new Response(null, { status: 404 })
    return Response.json(document)
  }

  #register(request: Record<string, unknown>): Response {
    this.registered.push(request)
    const isPublic = request['token_endpoint_auth_method'] === 'none'
    const client = { client_id: `client-${randomUUID()}`, ...(isPublic ? {} : { client_secret: randomUUID() }) }
    this.clients.set(client.client_id, client.client_secret)
    return Response.json({ ...request, ...client }, { status: 201 })
  }

  #token(form: URLSearchParams, headers: Headers): Response {
    const clientId = this.#authenticated(form, headers)
    if (clientId === undefined) return Response.json({ error: 'invalid_client' }, { status: 401 })
    const family =
      form.get('grant_type') === 'refresh_token' ? this.#refreshed(form, clientId) : this.#redeemed(form, clientId)
    if (family === undefined) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    return Response.json({
      access_token: family.accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      scope: family.scopes.join(' '),
      ...(family.scopes.includes('openid') ? { id_token: this.#idToken(family) } : {}),
      ...(this.faults.withoutRefreshTokens ? {} : { refresh_token: family.refreshToken }),
    })
  }

  /** Without a signature that anybody would verify. */
  #idToken({ person, clientId }: Family): string {
    const claims = this.faults.idToken({ iss: this.issuer, sub: person, aud: clientId })
    return ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')
  }

  #authenticated(form: URLSearchParams, headers: Headers): string | undefined {
    const [, basic = ''] = /^Basic (.+)$/.exec(headers.get('authorization') ?? '') ?? []
    const [id = '', secret] =
      basic === '' ? [form.get('client_id') ?? '', form.get('client_secret') ?? undefined] : atob(basic).split(':')
    return this.clients.has(id) && this.clients.get(id) === secret ? id : undefined
  }

  #redeemed(form: URLSearchParams, clientId: string): Family | undefined {
    const code = this.#codes.get(form.get('code') ?? '')
    this.#codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isGood =
      code !== undefined &&
      code.request.get('client_id') === clientId &&
      code.request.get('code_challenge') === challenge &&
      ['redirect_uri', 'resource'].every((name) => code.request.get(name) === form.get(name))
    if (!isGood) return undefined
    const family = { person: code.person, clientId, scopes: code.scopes, ...this.#tokens() }
    this.#families.push(family)
    return family
  }

  /** Rotates; a refresh token that was used before ends its family, OAuth 2.1 §4.3.1. */
  #refreshed(form: URLSearchParams, clientId: string): Family | undefined {
    const family = this.#families.find(({ refreshToken }) => refreshToken === form.get('refresh_token'))
    if (family === undefined || family.clientId !== clientId) return undefined
    return Object.assign(family, this.#tokens())
  }

  #tokens(): Pick<Family, 'accessToken' | 'refreshToken'> {
    const tokens = { accessToken: `at-${randomUUID()}`, refreshToken: `rt-${randomUUID()}` }
    this.issued.push(tokens.accessToken, tokens.refreshToken)
    return tokens
  }
}
