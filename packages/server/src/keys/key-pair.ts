import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import { open, seal } from './envelope.ts'
import { deriveKey } from './secrets.ts'
import type { KeyKind } from './key-life.ts'

/** A key pair that was just made; the private half is sealed already. */
export type NewKey = Pick<SigningKey, 'kid' | 'purpose' | 'alg' | 'public_jwk' | 'private_sealed'>

/** The master key is another one than the signing keys were sealed with: nothing can be signed until the right one is given. */
export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey'
}

/** The key under which private halves are sealed. */
export function envelopeKey(masterKey: Uint8Array): Buffer {
  return deriveKey(masterKey, 'envelope')
}

/** Makes a key pair. Its id is the thumbprint of the public half (RFC 7638). */
export async function generateKey(envelope: Buffer, tenant: string, kind: KeyKind): Promise<NewKey> {
  const { purpose, alg } = kind
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  // On a command line such an id would look like an option: `permitry keys revoke -…`.
  if (kid.startsWith('-')) return generateKey(envelope, tenant, kind)
  const sealed = seal(envelope, JSON.stringify(await exportJWK(privateKey)), sealedAt(tenant, kid))
  return { kid, purpose, alg, public_jwk: JSON.stringify(publicJwk), private_sealed: sealed }
}

/** Opens the private half of a key. */
export function openPrivateKey(envelope: Buffer, tenant: string, { kid, private_sealed }: SigningKey): JWK {
  return JSON.parse(open(envelope, private_sealed, sealedAt(tenant, kid))) as JWK
}

/** Found out at the start, and not by the first person who signs in. What was destroyed needs no master key. */
export function checkOpens(envelope: Buffer, tenant: string, keys: readonly SigningKey[]): void {
  try {
    for (const key of keys) if (key.private_sealed !== '') openPrivateKey(envelope, tenant, key)
  } catch (cause) {
    const which = `the signing keys of tenant \`${tenant}\``
    throw new WrongMasterKey(`the master key does not open ${which}: start with the one that they were made with`, {
      cause,
    })
  }
}

function sealedAt(tenant: string, kid: string): readonly string[] {
  return [tenant, 'signing_keys', kid, 'private_sealed']
}
