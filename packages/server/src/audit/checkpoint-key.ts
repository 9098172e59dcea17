import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { deriveKey } from '../keys/secrets.ts'

/** The public half of a tenant's checkpoint key as a JWK (RFC 8037 §2): what an auditor keeps from an earlier export. */
export interface AuditKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
}

/** Signs checkpoints for one tenant. The key is derived from the master key, so the database never holds it. */
export interface CheckpointSigner {
  readonly tenant: string
  readonly publicKey: AuditKey
  sign(statement: string): string
}

/** PKCS #8 (RFC 8410 §7) around the 32 bytes of an Ed25519 seed, which Node cannot import bare. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The Ed25519 key of a tenant's checkpoints: its seed is HKDF-SHA-256 of the master key (RFC 5869). */
export function createCheckpointSigner(masterKey: Uint8Array, tenant: string): CheckpointSigner {
  const seed = deriveKey(masterKey, `audit checkpoint ${tenant}`)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return {
    tenant,
    publicKey: { kty: 'OKP', crv: 'Ed25519', x },
    sign: (statement) => sign(null, Buffer.from(statement), key).toString('base64url'),
  }
}

export function isSignedBy(publicKey: AuditKey, statement: string, signature: string): boolean {
  const key = createPublicKey({ key: { ...publicKey }, format: 'jwk' })
  return verify(null, Buffer.from(statement), key, Buffer.from(signature, 'base64url'))
}
