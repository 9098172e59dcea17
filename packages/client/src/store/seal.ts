import { fromBase64url, toBase64url } from '../base64url.ts'
import { ClientError } from '../errors.ts'

/** Seals values with the app's key, so that a copy of the database opens nothing. */
export interface Sealer {
  /** `name` is bound into the seal: a value that was moved to another row does not open there. */
  seal(name: string, text: string): Promise<string>
  /** Throws a ClientError when the key is another one or the value was tampered with: a lost login must not look like none. */
  open(name: string, sealed: string): Promise<string>
}

const VERSION = 'v1'
const IV_BYTES = 12

/** AES-256-GCM by web crypto. The first key seals; all of them open, so that a key can be changed. */
export function createSealer(keys: readonly Uint8Array[]): Sealer {
  if (keys.length === 0 || keys.some((key) => !(key instanceof Uint8Array) || key.byteLength !== 32))
    throw new ClientError(
      'invalid_options',
      '`store.key` must be a Uint8Array of 32 bytes: make one with `openssl rand -base64 32`, and decode its base64',
    )
  const imported = Promise.all(keys.map(importKey))
  return {
    async seal(name, text) {
      const [current] = await imported
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const data = await crypto.subtle.encrypt(parameters(name, iv), current!.key, encode(text))
      return [VERSION, current!.id, toBase64url(iv), toBase64url(new Uint8Array(data))].join('.')
    },
    async open(name, sealed) {
      const [version, id, iv = '', data = ''] = sealed.split('.')
      const found = (await imported).find((candidate) => candidate.id === id)
      if (version !== VERSION || found === undefined)
        throw new ClientError('store_unreadable', `the row \`${name}\` was sealed with a key that is not given here`)
      try {
        return decode(await crypto.subtle.decrypt(parameters(name, fromBase64url(iv)), found.key, fromBase64url(data)))
      } catch (cause) {
        throw new ClientError('store_unreadable', `the row \`${name}\` was changed outside this package`, { cause })
      }
    },
  }
}

interface ImportedKey {
  /** Says which key sealed a value and nothing about it: the start of a hash that no key is used for. */
  readonly id: string
  readonly key: CryptoKey
}

async function importKey(bytes: Uint8Array): Promise<ImportedKey> {
  const raw = new Uint8Array(bytes)
  const labelled = new Uint8Array([...encode('permitry client store key id '), ...raw])
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', labelled))
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { id: toBase64url(hash.slice(0, 6)), key }
}

function parameters(name: string, iv: Uint8Array<ArrayBuffer>): Parameters<SubtleCrypto['encrypt']>[0] {
  return { name: 'AES-GCM', iv, additionalData: encode(`${VERSION} ${name}`) }
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const decode = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes)
