import { importJWK, SignJWT } from 'jose'
import type { Credential } from './options.ts'

const LIFETIME_SECONDS = 60
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Makes the function that signs client assertions (RFC 7523 §3): one for each request, for the issuer, good for a minute.
 */
export function createAssertions(
  issuer: string,
  { client_id, private_key }: Credential,
  clock: () => number,
): () => Promise<URLSearchParams> {
  const { alg = '', kid = '' } = private_key
  let imported: ReturnType<typeof importJWK> | undefined
  return async () => {
    imported ??= importJWK(private_key, alg)
    const now = Math.floor(clock() / 1000)
    const client_assertion = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_SECONDS)
      .sign(await imported)
    return new URLSearchParams({ client_id, client_assertion_type: ASSERTION_TYPE, client_assertion })
  }
}
