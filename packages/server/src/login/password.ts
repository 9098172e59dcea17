import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import { createBoundedQueue } from './bounded-queue.ts'

/** What a password check can say; `busy` means that nothing was checked and the person should try again. */
export type PasswordCheck = 'match' | 'mismatch' | 'busy'

/** Longer input is refused before it is hashed: it can only be an attempt to keep the server busy. */
export const MAX_PASSWORD_LENGTH = 1024

/** OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes and one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const TAG_LENGTH = 32

/** Nobody's password: checked in the place of an unknown person's, so that the answer takes the same time. */
const DECOY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

// The memory and the threads of Argon2 belong to the process, so its queue does too: two leave half of libuv's pool free.
const queue = createBoundedQueue({ running: 2, waiting: 64 })
const deriveKey = promisify(argon2)

interface StoredHash {
  parameters: Omit<Argon2Parameters, 'message'>
  tag: Buffer
}

/**
 * Hashes a password into a PHC string. Throws when too many hashes are already waiting, so it belongs to the acts of an
 * operator and not to a login. Does not judge the password; {@link checkPasswordRules} does.
 */
export async function hashPassword(password: string): Promise<string> {
  const hash = await hashPasswordUnlessBusy(password)
  if (hash === undefined) throw new Error('too many passwords are being hashed at the moment: try again')
  return hash
}

/** As `hashPassword`, for what people send: undefined when too many hashes are already waiting. */
export async function hashPasswordUnlessBusy(password: string): Promise<string | undefined> {
  const nonce = randomBytes(16)
  const tag = await queue.run(() =>
    deriveKey('argon2id', { ...COST, nonce, tagLength: TAG_LENGTH, message: normalize(password) }),
  )
  if (tag === undefined) return undefined
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toBase64(nonce)}$${toBase64(tag)}`
}

/**
 * Checks a password against a stored PHC string. Pass null for a person who is unknown or has no password: the same work
 * is done and the answer is `mismatch`.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<PasswordCheck> {
  if (password.length > MAX_PASSWORD_LENGTH) return 'mismatch'
  const { parameters, tag } = parseHash(stored ?? DECOY)
  const derived = await queue.run(() => deriveKey('argon2id', { ...parameters, message: normalize(password) }))
  if (derived === undefined) return 'busy'
  return timingSafeEqual(derived, tag) && stored !== null ? 'match' : 'mismatch'
}

/** Says why a new password is not acceptable, or undefined. NIST SP 800-63B §3.1.1: length counts, composition does not. */
export function checkPasswordRules(password: string): string | undefined {
  if (Array.from(password).length < 8) return 'the password is shorter than 8 characters'
  if (password.length > MAX_PASSWORD_LENGTH) return `the password is longer than ${MAX_PASSWORD_LENGTH} characters`
  return undefined
}

/** Whether a string is a hash that {@link verifyPassword} can check: Argon2id in PHC form, with a cost within bounds. */
export function isPasswordHash(text: string): boolean {
  try {
    parseHash(text)
    return true
  } catch {
    return false
  }
}

/** A stored hash that cannot be read is a fault and throws: it must not look like a wrong password. */
function parseHash(stored: string): StoredHash {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
      stored,
    )
  if (!match) throw new Error('a stored password hash is not Argon2id in PHC form')
  const [memory, passes, parallelism] = [Number(match[1]), Number(match[2]), Number(match[3])]
  // An imported hash names its own cost; without a ceiling one row could take the memory of the whole process.
  if (memory < 8 * parallelism || memory > 262_144 || passes < 1 || passes > 16 || parallelism < 1 || parallelism > 16)
    throw new Error('a stored password hash asks for a cost that is out of bounds')
  const tag = Buffer.from(match[5] ?? '', 'base64')
  const nonce = Buffer.from(match[4] ?? '', 'base64')
  return { parameters: { memory, passes, parallelism, nonce, tagLength: tag.length }, tag }
}

/** NIST SP 800-63B §3.1.1.2: normalized first, so that one password typed on two keyboards is one password. */
function normalize(password: string): string {
  return password.normalize('NFKC')
}

/** PHC strings use base64 without padding. */
function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
