import { generateKeyPairSync } from 'node:crypto'
import {
  type CompactJWSHeaderParameters,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWK,
  type JWTPayload,
} from 'jose'
import { SIGNING_ALGS, type SigningAlg } from '@permitry/oauth'
import { type ClientKey, parseClientKeys, selectClientKey } from '../keys/client-keys.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A client assertion as it was sent: nothing of it is proved (RFC 7523 §2.2). */
export interface ClientAssertion {
  readonly jwt: string
  readonly header: Partial<CompactJWSHeaderParameters>
  readonly claims: JWTPayload
}

/** A client assertion of which is known whether a key of the client signed it. */
export interface JudgedAssertion extends ClientAssertion {
  readonly signed: boolean
}

/** Reads the two parts that say whose assertion it claims to be; undefined when it is no JWT in compact form. */
export function parseClientAssertion(jwt: string): ClientAssertion | undefined {
  // jose tolerates padding and white space inside segments (Wycheproof tcId 360 to 375); one token has one spelling.
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) return undefined
  try {
    return { jwt, header: decodeProtectedHeader(jwt) as CompactJWSHeaderParameters, claims: decodeJwt(jwt) }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}

/**
 * Says whether a key of the client signed the assertion. Where there is no such key, another one is asked that signed nothing, so
 * that the time does not tell whether the client exists or how it authenticates.
 */
export async function judgeAssertion(
  realm: Realm,
  client: Client | undefined,
  assertion: ClientAssertion,
): Promise<JudgedAssertion> {
  const { alg = '', kid } = assertion.header
  if (!isSigningAlg(alg)) return { ...assertion, signed: false }
  const key = client?.authMethod === 'private_key_jwt' ? await findKey(realm, client, { alg, kid }) : undefined
  const verifies = await verify(assertion.jwt, key?.jwk ?? strangersKey(alg), alg)
  return { ...assertion, signed: key !== undefined && verifies }
}

async function findKey(
  realm: Realm,
  client: Client,
  wanted: { readonly alg: string; readonly kid: string | undefined },
): Promise<ClientKey | undefined> {
  if (client.jwksUri !== null) return realm.publishedKeys.find(client.jwksUri, wanted)
  const keys = parseClientKeys(client.jwks ?? '')
  return keys.ok ? selectClientKey(keys.value, wanted) : undefined
}

async function verify(jwt: string, jwk: JWK, alg: string): Promise<boolean> {
  try {
    await compactVerify(jwt, await importJWK(jwk, alg), { algorithms: [alg] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

function isSigningAlg(alg: string): alg is SigningAlg {
  return SIGNING_ALGS.some((one) => one === alg)
}

const strangers = new Map<SigningAlg, JWK>()

/** A key whose private half nobody has. */
function strangersKey(alg: SigningAlg): JWK {
  const key = strangers.get(alg) ?? makeStranger(alg)
  strangers.set(alg, key)
  return key
}

function makeStranger(alg: SigningAlg): JWK {
  const ec = (namedCurve: string) =>
    generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }) as JWK
  switch (alg) {
    case 'ES256':
      return ec('P-256')
    case 'ES384':
      return ec('P-384')
    case 'ES512':
      return ec('P-521')
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as JWK
    case 'RS256':
    case 'PS256':
      // Any odd number takes the time of a modulus; a true one would take seconds to make.
      return { kty: 'RSA', n: Buffer.alloc(256, 0xff).toString('base64url'), e: 'AQAB' }
  }
}
