import { Resolver } from 'node:dns/promises'
import { err, ok, type Result } from '@permitry/oauth'
import {
  type AddressPolicy,
  checkAddress,
  describeAddressFault,
  isAddress,
  isLoopbackName,
} from '@permitry/oauth/address'
import type { OutboundFailure } from './outbound.ts'

/** Finds the addresses of a name; none when there is no such name or nobody who knows. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>

export interface AddressSearch {
  readonly policy: AddressPolicy
  readonly resolve: Resolve
  readonly signal: AbortSignal
}

/**
 * The addresses to which a URL that passed `checkUrl` may connect. One bad address spoils all: a name that leads to the
 * internet and into our network is an attempt, and which of them a connection takes is chance.
 */
export async function findAddresses(
  url: URL,
  { policy, resolve, signal }: AddressSearch,
): Promise<Result<readonly string[], OutboundFailure>> {
  const found = await addressesOf(url.hostname, resolve, signal)
  if (signal.aborted) return err({ reason: 'timed_out', detail: 'its name did not resolve in time' })
  if (found.length === 0) return err({ reason: 'unreachable', detail: 'its name has no address' })
  const fault = found.map((address) => checkAddress(address, url, policy)).find((reason) => reason !== undefined)
  return fault === undefined ? ok(found) : err({ reason: 'address_refused', detail: describeAddressFault(fault) })
}

async function addressesOf(hostname: string, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  if (isAddress(hostname)) return [hostname.replace(/^\[(.*)\]$/, '$1')]
  // RFC 6761 §6.3: nobody is asked what a loopback name means.
  if (isLoopbackName(hostname)) return ['127.0.0.1', '::1']
  return [...new Set(await resolve(hostname, signal))]
}

/**
 * Asks DNS itself and not the system's `getaddrinfo`, which knows no deadline and holds one of the few threads on which
 * passwords are hashed too: a stranger with a slow name server could stop all logins. `/etc/hosts` is not read.
 */
export const systemResolve: Resolve = async (hostname, signal) => {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  signal.removeEventListener('abort', cancel)
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
