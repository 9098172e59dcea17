// The keys of clients that authenticate by a signature.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'

export interface ClientKeyPair {
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicJwk: Readonly<Record<string, unknown>>
}

function keyPair(kid: string, alg: string, { publicKey, privateKey }: KeyObjects): ClientKeyPair {
  return { alg, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid } }
}

interface KeyObjects {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const ec = (namedCurve: string): KeyObjects => generateKeyPairSync('ec', { namedCurve })

/** Under each name the `kid` is that name. */
export const clientKeys = {
  p256: keyPair('p256', 'ES256', ec('P-256')),
  other: keyPair('other', 'ES256', ec('P-256')),
  p384: keyPair('p384', 'ES384', ec('P-384')),
  p521: keyPair('p521', 'ES512', ec('P-521')),
  ed25519: keyPair('ed25519', 'EdDSA', generateKeyPairSync('ed25519')),
  rsa: keyPair('rsa', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
  /** Registered for nobody. */
  foreign: keyPair('p256', 'ES256', ec('P-256')),
}
