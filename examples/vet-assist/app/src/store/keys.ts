import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'

/** A text that cannot be guessed. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret that only has to be recognised. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Keys for the app's different uses, all from one secret, so that what is made for one use fits no other. */
export interface Keys {
  /** Seals the connections to the clinic. */
  connections: Uint8Array
  seal: (text: string, place: string) => string
  /** Fails for what was sealed for another place. */
  open: (sealed: string, place: string) => string
  /** A proof over values; the same values give the same proof. */
  prove: (values: readonly string[]) => string
}

export function createKeys(secret: Uint8Array): Keys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `vet-assist-app ${use}`, 32))
  const [sealing, proving] = [derive('sealing'), derive('proving')]
  return {
    connections: derive('connections'),
    seal(text, place) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing, iv).setAAD(Buffer.from(place))
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12))
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
    },
    prove: (values) => createHmac('sha256', proving).update(JSON.stringify(values)).digest('base64url'),
  }
}

/** Reads the app's secret, or makes one at the first start: readable by this user only, and kept beside the data. */
export function readKeyFile(file: string): Uint8Array {
  try {
    // `wx`: of two first starts one writes, the other reads what was written.
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    chmodSync(file, 0o600)
  }
  const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
  if (secret.byteLength !== 32) throw new Error(`\`${file}\` must hold 32 bytes: delete it and sign in again`)
  return secret
}
