import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '@permitry/oauth'
import { deriveKey } from '../keys/secrets.ts'

/** How a request arrived, before anything of it was believed. */
export interface Arrival {
  /** The peer of the connection. */
  readonly remote_address: string | undefined
  /** Whose address counts for limits and audit, by `trusted_proxies`. */
  readonly client_address: string
  readonly from_trusted_proxy: boolean
  readonly host: string | undefined
  readonly forwarded: string | undefined
  readonly x_forwarded_for: string | undefined
  readonly x_forwarded_proto: string | undefined
}

/** Where `permitry doctor` asks how its request arrived. For everybody else nothing is there. */
export const ARRIVAL_PATH = '/doctor'
const SCHEME = 'Permitry-Doctor '
/** Wide, because a wrong clock is one of the things that are looked for. What a replay learns is how itself arrived. */
const WINDOW_MS = 24 * 3_600_000

/** The `Authorization` header by which whoever holds the master key asks. */
export function arrivalCredential(masterKey: Uint8Array, now: number): string {
  return `${SCHEME}${now}.${sign(masterKey, String(now))}`
}

/** Whether a request is the doctor's: it proves to know the master key, which the operator has and no client. */
export function isArrivalQuestion(request: Request, masterKey: Uint8Array, now: number): boolean {
  const header = request.headers.get('authorization')
  if (!header?.startsWith(SCHEME) || new URL(request.url).pathname !== ARRIVAL_PATH) return false
  const [at = '', mac = ''] = header.slice(SCHEME.length).split('.')
  return (
    /^\d{1,15}$/.test(at) && Math.abs(Number(at) - now) <= WINDOW_MS && equalInConstantTime(mac, sign(masterKey, at))
  )
}

function sign(masterKey: Uint8Array, at: string): string {
  return createHmac('sha256', deriveKey(masterKey, 'doctor')).update(at).digest('base64url')
}
