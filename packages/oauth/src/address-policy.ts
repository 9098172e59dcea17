import { isAddress, isLocalName, isLoopbackName, kindOfAddress } from './address.ts'

export { isAddress, isLoopbackName } from './address.ts'

/** What may be reached beside https on the public internet. */
export interface AddressPolicy {
  /** Allows http and loopback addresses, on any port: for development, and for native apps with local servers. */
  readonly allowLoopback?: boolean
  /** Origins that may be on loopback or in a private network, such as `https://mcp.corp.example`. http only on loopback. */
  readonly allowOrigins?: readonly string[]
}

/** What is wrong with an address that somebody else chose. */
export type AddressFault = 'not_a_url' | 'credentials' | 'not_https' | 'loopback' | 'not_public' | 'loopback_elsewhere'

/** Why an address that somebody else chose must not be fetched or opened; undefined when it may. Asks no DNS. */
export function checkUrl(address: string | URL, policy: AddressPolicy): AddressFault | undefined {
  if (!URL.canParse(address)) return 'not_a_url'
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return 'credentials'
  const loopback = leadsToLoopback(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return 'not_https'
  if (policy.allowOrigins?.includes(url.origin)) return undefined
  if (loopback) return policy.allowLoopback ? undefined : 'loopback'
  if (isAddress(url.hostname)) return kindOfAddress(url.hostname) === 'public' ? undefined : 'not_public'
  return isLocalName(url.hostname) ? 'not_public' : undefined
}

/** Why a connection to an IP address must not be made for a URL that passed `checkUrl`; undefined when it may. */
export function checkAddress(address: string, url: URL, policy: AddressPolicy): AddressFault | undefined {
  const kind = kindOfAddress(address)
  // `localhost` that leads elsewhere would carry plain http over a network, and a name that leads here is rebinding.
  if (leadsToLoopback(url.hostname)) return kind === 'loopback' ? undefined : 'loopback_elsewhere'
  if (policy.allowOrigins?.includes(url.origin)) return undefined
  return kind === 'public' ? undefined : 'not_public'
}

/** The fault as the end of a sentence that begins with `refused to fetch …: `. */
export function describeAddressFault(fault: AddressFault): string {
  switch (fault) {
    case 'not_a_url':
      return 'it is not a URL'
    case 'credentials':
      return 'it carries a user name or a password'
    case 'not_https':
      return 'it is not https'
    case 'loopback':
      return 'it leads to this machine'
    case 'not_public':
      return 'it leads to an address that is not on the public internet'
    case 'loopback_elsewhere':
      return 'a loopback name leads to another machine'
  }
}

/** Says whether a host, as `URL.hostname` writes it, is a loopback name or address. */
function leadsToLoopback(hostname: string): boolean {
  return isLoopbackName(hostname) || (isAddress(hostname) && kindOfAddress(hostname) === 'loopback')
}
