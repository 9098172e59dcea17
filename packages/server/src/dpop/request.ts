import { err, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import { sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import { currentNonce, demandsNonce, isRecentNonce } from './nonce.ts'
import { checkProof, PROOF_WINDOW_SECONDS, type ProofFailure } from '@permitry/oauth/dpop'

export interface ProvedAt {
  /** The path of the endpoint below the issuer. */
  readonly path: '/token' | '/userinfo'
  readonly client: Client
  readonly accessToken?: string
}

/**
 * The thumbprint of the key that a request proves to hold, or undefined for a request without a proof by a client that needs
 * none (RFC 9449 §5). Each proof counts once in all processes that share the database (§11.1). A client that must use nonces is
 * given the one of now with every answer (§8.2).
 */
export async function readProvedKey(
  realm: Realm,
  c: Http,
  { path, client, accessToken }: ProvedAt,
): Promise<Result<string | undefined, ProofFailure>> {
  const needsNonce = demandsNonce(realm, client)
  if (needsNonce) c.header('DPoP-Nonce', currentNonce(realm))
  const proof = c.req.header('dpop')
  if (proof === undefined) return client.dpopBound || accessToken !== undefined ? err('missing') : ok(undefined)
  const checked = await checkProof(proof, {
    method: c.req.method,
    uri: `${realm.issuer}${path}`,
    nowSeconds: realm.now() / 1000,
    needsNonce,
    isRecentNonce: (nonce) => isRecentNonce(realm, nonce),
    accessToken,
  })
  if (!checked.ok) {
    // A nonce that we do not ask for and do not know any more: the client had it from us once, and gets another.
    if (checked.error === 'nonce') c.header('DPoP-Nonce', currentNonce(realm))
    return checked
  }
  const { jkt, jti, iat } = checked.value
  // Under its key, so that nobody can spend the proofs of somebody else.
  const hash = sha256(JSON.stringify(['dpop', jkt, jti]))
  const expiresAt = Math.ceil((iat + PROOF_WINDOW_SECONDS) * 1000) + 1
  return (await realm.unit((t) => t.spentIds.spend(hash, expiresAt))) ? ok(jkt) : err('replayed')
}
