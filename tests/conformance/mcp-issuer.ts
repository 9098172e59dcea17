// An authorization server that is only its metadata and its keys: it signs whatever a test needs, right or wrong.
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { listen } from '@permitry/testkit'

/** Claims or header members; undefined removes one. */
export type Members = Readonly<Record<string, unknown>>

export interface Issuer extends AsyncDisposable {
  readonly issuer: string
  /** How often the keys were fetched. */
  readonly keyFetches: () => number
  /** Keys beside the one that signs. */
  publish(...keys: JWK[]): void
  /** Signs an access token that is good for `resource` unless a member says otherwise. */
  token(claims?: Members, header?: Members, key?: CryptoKey): Promise<string>
  close(): Promise<void>
}

/** Starts it for one MCP server. */
export async function startIssuer(resource: () => string): Promise<Issuer> {
  const listening = await listen()
  const issuer = listening.origin
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const own: JWK = { ...(await exportJWK(publicKey)), kid: 'own', use: 'sig', alg: 'ES256' }
  let keys = [own]
  let fetched = 0
  listening.serve((request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/.well-known/oauth-authorization-server')
      return Response.json({ issuer, jwks_uri: `${issuer}/jwks` })
    if (pathname !== '/jwks') return new Response(null, { status: 404 })
    fetched += 1
    return Response.json({ keys })
  })
  return {
    issuer,
    keyFetches: () => fetched,
    publish: (...more) => void (keys = [own, ...more]),
    token(claims = {}, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1000)
      const payload = {
        iss: issuer,
        aud: resource(),
        sub: 'usr_bob',
        client_id: 'exact',
        jti: crypto.randomUUID(),
        iat: now,
        exp: now + 300,
        scope: 'pet-profile:read',
        entitlements: ['pet-profile:read'],
        ...claims,
      }
      const present = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
      const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid: 'own', ...header }
      const { crit } = protectedHeader as { crit?: string[] }
      return new SignJWT(present)
        .setProtectedHeader(protectedHeader)
        .sign(key, crit === undefined ? {} : { crit: Object.fromEntries(crit.map((name) => [name, true])) })
    },
    close: () => listening.close(),
    [Symbol.asyncDispose]: () => listening.close(),
  }
}
