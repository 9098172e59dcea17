import { equalInConstantTime } from './constant-time.ts'

const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/

/** Says whether a value has the syntax of a code verifier: 43 to 128 unreserved characters, RFC 7636 §4.1. */
export function isCodeVerifier(value: string): boolean {
  return CODE_VERIFIER.test(value)
}

/** Says whether a value has the syntax of an S256 code challenge: 43 base64url characters without padding, RFC 7636 §4.2. */
export function isCodeChallenge(value: string): boolean {
  return S256_CHALLENGE.test(value)
}

/** Transforms a code verifier into its S256 challenge, RFC 7636 §4.2. Does not check the verifier's syntax. */
export async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Verifies a code verifier against the challenge of the authorization request, RFC 7636 §4.6. A malformed verifier fails. */
export async function verifyS256(verifier: string, challenge: string): Promise<boolean> {
  return isCodeVerifier(verifier) && equalInConstantTime(await s256(verifier), challenge)
}
