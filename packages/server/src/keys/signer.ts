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

/** The master key is another one than the signing keys were sealed with: nothing can be signed until the right one is given. */
export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey'
}

/** Makes the signing keys that the tenant does not have yet; private halves are stored sealed. */
export async function ensureSigningKeys(realm: Realm): Promise<void> {
  const existing = await realm.read((t) => t.signingKeys.all())
  for (const key of existing) checkOpens(realm, key)
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
    await realm.unit(async (t) => {
      await t.signingKeys.add({
        ...key,
        kid,
        public_jwk: JSON.stringify(publicJwk),
        private_sealed: sealed,
        created_at: realm.now(),
      })
      const actor = { kind: 'system', id: 'permitry' } as const
      await t.audit({ type: 'key.created', outcome: 'changed', actor, detail: { kid, ...key } })
    })
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
  const privateKey = await realm.privateKeys.get(key.kid, () => importJWK(openPrivateKey(realm, key), key.alg))
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ }).sign(privateKey)
}

function openPrivateKey(realm: Realm, { kid, private_sealed }: SigningKey): JWK {
  return JSON.parse(open(realm.secrets.envelope, private_sealed, sealedAt(realm.tenant, kid))) as JWK
}

/** Found out at the start, and not by the first person who signs in. */
function checkOpens(realm: Realm, key: SigningKey): void {
  try {
    openPrivateKey(realm, key)
  } catch (cause) {
    const which = `the signing keys of tenant \`${realm.tenant}\``
    throw new WrongMasterKey(`the master key does not open ${which}: start with the one that they were made with`, {
      cause,
    })
  }
}

function sealedAt(tenant: string, kid: string): readonly string[] {
  return [tenant, 'signing_keys', kid, 'private_sealed']
}
