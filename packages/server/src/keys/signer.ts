import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose'
import type { Realm } from '../realm.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import { open, seal } from './envelope.ts'

type Purpose = Pick<SigningKey, 'purpose' | 'alg'>

/** One key pair for each algorithm and purpose, so that an ID token never verifies as an access token (RFC 9068 §5). */
const purposes: readonly Purpose[] = [
  { purpose: 'access', alg: 'ES256' },
  { purpose: 'id', alg: 'RS256' },
  { purpose: 'id', alg: 'ES256' },
]

/** Makes the signing keys that the tenant does not have yet; private halves are stored sealed. */
export async function ensureSigningKeys(realm: Realm): Promise<void> {
  const existing = await realm.read((t) => t.signingKeys.all())
  const missing = purposes.filter(
    ({ purpose, alg }) =>
      !existing.some((key) => key.purpose === purpose && key.alg === alg && key.retired_at === null),
  )
  for (const key of missing) {
    const { publicKey, privateKey } = await generateKeyPair(key.alg, { extractable: true })
    const publicJwk = await exportJWK(publicKey)
    const kid = await calculateJwkThumbprint(publicJwk)
    const sealed = seal(
      realm.secrets.envelope,
      JSON.stringify(await exportJWK(privateKey)),
      sealedAt(realm.tenant, kid),
    )
    await realm.unit((t) =>
      t.signingKeys.add({
        ...key,
        kid,
        public_jwk: JSON.stringify(publicJwk),
        private_sealed: sealed,
        created_at: realm.now(),
      }),
    )
  }
}

/** The public halves of all keys that tokens may still be verified with (RFC 7517 §5). */
export async function jwks(realm: Realm): Promise<{ keys: JWK[] }> {
  const keys = await realm.read((t) => t.signingKeys.all())
  return {
    keys: keys.map(({ kid, alg, public_jwk }) => ({ ...(JSON.parse(public_jwk) as JWK), kid, alg, use: 'sig' })),
  }
}

/** Signs claims as a JWT with a stored key. `typ` tells the kinds of tokens apart: `at+jwt` (RFC 9068 §2.1) or `JWT`. */
export async function sign(realm: Realm, key: SigningKey, typ: 'at+jwt' | 'JWT', claims: JWTPayload): Promise<string> {
  const privateKey = await realm.privateKeys.get(key.kid, () => {
    const jwk = JSON.parse(open(realm.secrets.envelope, key.private_sealed, sealedAt(realm.tenant, key.kid))) as JWK
    return importJWK(jwk, key.alg)
  })
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ }).sign(privateKey)
}

function sealedAt(tenant: string, kid: string): readonly string[] {
  return [tenant, 'signing_keys', kid, 'private_sealed']
}
