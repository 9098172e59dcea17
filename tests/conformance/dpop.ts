// A client that proves to hold a key: DPoP proofs (RFC 9449), right unless a test changes them.
import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { type Parameters, post, type Reply } from './harness.ts'

type Members = Readonly<Record<string, unknown>>

/** What a proof says besides the ordinary; a member that is undefined is left out. */
interface Changes {
  readonly header?: Members
  readonly claims?: Members
  /** Signs in the place of the holder's key. */
  readonly signer?: CryptoKey
}

/** A key with the proofs that it makes. */
export interface Holder {
  readonly jkt: string
  readonly jwk: JWK
  readonly privateJwk: JWK
  readonly privateKey: CryptoKey
  proof(htm: string, htu: string, changes?: Changes): Promise<string>
}

export async function createHolder(alg = 'ES256', options: { modulusLength?: number } = {}): Promise<Holder> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options })
  const jwk = await exportJWK(publicKey)
  return {
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    privateJwk: await exportJWK(privateKey),
    privateKey,
    async proof(htm, htu, { header = {}, claims = {}, signer = privateKey } = {}) {
      const ordinary = { jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000) }
      const whole = { alg, typ: 'dpop+jwt', jwk, ...header }
      return new SignJWT(defined({ ...ordinary, ...claims }))
        .setProtectedHeader({ ...defined(whole), alg: whole.alg })
        .sign(signer)
    },
  }
}

function defined(members: Members): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** RFC 9449 §4.2. */
export function athOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url')
}

/** Sends a token request with a fresh proof by a key, or with a proof that was made before. */
export async function proved(
  issuer: string,
  form: Parameters,
  proof: Holder | string,
  claims: Members = {},
): Promise<Reply> {
  const url = `${issuer}/token`
  return post(url, form, { dpop: typeof proof === 'string' ? proof : await proof.proof('POST', url, { claims }) })
}
