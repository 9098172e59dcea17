// An authorization server that is only a key and two documents, for tests of this server without a running one.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { SCOPES } from '../scopes.ts'
import { ISSUER } from './clinic.ts'

export const URL_OF_SERVER = 'http://localhost:9401/mcp'

export interface TestIssuer {
  fetch: typeof fetch
  /** An access token as permitry mints it for this server. */
  token: (claims: { sub: string; roles: string[]; scope: string; entitlements: string[] }) => Promise<string>
}

const OWNER_SCOPES = Object.keys(SCOPES).filter((scope) => scope !== 'pet-profile:write')

/** What tokens of the example's people say when they hold all scopes that their roles give. */
export const CLAIMS = {
  bob: { sub: 'usr_bob', roles: ['pet-owner'], scope: OWNER_SCOPES.join(' '), entitlements: OWNER_SCOPES },
  carol: { sub: 'usr_carol', roles: ['pet-owner'], scope: OWNER_SCOPES.join(' '), entitlements: OWNER_SCOPES },
  dana: {
    sub: 'usr_dana',
    roles: ['vet-staff'],
    scope: Object.keys(SCOPES).join(' '),
    entitlements: Object.keys(SCOPES),
  },
}

export async function createTestIssuer(clock: () => number): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }
  const documents = new Map<string, unknown>([
    [`${ISSUER}/.well-known/oauth-authorization-server`, { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }],
    [`${ISSUER}/jwks`, { keys: [jwk] }],
  ])
  return {
    async fetch(input) {
      const document = documents.get(input instanceof Request ? input.url : String(input))
      return document === undefined ? new Response(null, { status: 404 }) : Response.json(document)
    },
    token(claims) {
      const now = Math.floor(clock() / 1000)
      return new SignJWT({ client_id: 'vet-assist-ai', fam: 'fam_1', epoch: 1, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience(URL_OF_SERVER)
        .setJti(crypto.randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(now + 300)
        .sign(privateKey)
    },
  }
}
