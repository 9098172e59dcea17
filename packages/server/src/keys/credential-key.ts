import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

/** A key pair with which a guard authenticates (`private_key_jwt`). The private half is for its file only. */
export interface CredentialKey {
  readonly kid: string
  readonly publicJwk: JWK
  readonly privateJwk: JWK
}

/** Makes a key pair for ES256. Its id is the thumbprint of the public half (RFC 7638). */
export async function makeCredentialKey(): Promise<CredentialKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  // On a command line such an id would look like an option: `--retire -…`.
  if (kid.startsWith('-')) return makeCredentialKey()
  const named = { kid, alg: 'ES256' }
  return { kid, publicJwk: { ...publicJwk, ...named }, privateJwk: { ...(await exportJWK(privateKey)), ...named } }
}
