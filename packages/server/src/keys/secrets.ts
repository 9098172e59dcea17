import { hash, hkdfSync, randomBytes } from 'node:crypto'

/** A new id: 128 random bits behind a prefix that says what it names. Not a secret. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`
}

/** A new secret of 256 random bits; with a prefix it can be found by secret scanners. */
export function newSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** SHA-256 in base64url: how codes, tokens and client secrets are stored. Only for values of high entropy. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Derives a 256-bit key for one purpose from a key of high entropy (HKDF-SHA256, RFC 5869). */
export function deriveKey(key: Uint8Array | string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `permitry ${purpose}`, 32))
}
