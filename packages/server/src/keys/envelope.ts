import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/**
 * Seals text with AES-256-GCM. `context` (such as tenant, table, id and column) is authenticated, so that a sealed value
 * copied to another place does not open there.
 */
export function seal(key: Buffer, text: string, context: readonly string[]): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(JSON.stringify(context)))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `v1.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
}

/** Opens what `seal` made with the same key and context; throws when either differs or the value was changed. */
export function open(key: Buffer, sealed: string, context: readonly string[]): string {
  if (!sealed.startsWith('v1.')) throw new Error('sealed value of an unknown version')
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(JSON.stringify(context)))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
