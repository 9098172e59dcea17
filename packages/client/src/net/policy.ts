import { ClientError } from '../errors.ts'
import { isAddress, isLocalName, isLoopbackName, kindOfAddress } from './address.ts'

/** What may be reached beside https on the public internet. */
export interface AddressPolicy {
  /** Allows http and loopback addresses, on any port: for development, and for native apps with local servers. */
  readonly allowLoopback?: boolean
  /** Origins that may be on loopback or in a private network, such as `https://mcp.corp.example`. http only on loopback. */
  readonly allowOrigins?: readonly string[]
}

/** An origin that is written otherwise than `URL.origin` writes it would never match: said at the start. */
export function checkPolicy({ allowOrigins = [] }: AddressPolicy): void {
  for (const origin of allowOrigins) {
    const written = URL.canParse(origin) ? new URL(origin).origin : 'null'
    if (written !== origin)
      throw new ClientError(
        'invalid_options',
        `\`allowOrigins\`: \`${origin}\` is not an origin${written === 'null' ? ', such as `https://mcp.corp.example`' : `: write \`${written}\``}`,
      )
  }
}

/** Why an address that somebody else chose must not be fetched or opened; undefined when it may. Asks no DNS. */
export function checkUrl(address: string | URL, policy: AddressPolicy): string | undefined {
  if (!URL.canParse(address)) return 'it is not a URL'
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return 'it carries a user name or a password'
  const loopback = isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return 'it is not https'
  if (policy.allowOrigins?.includes(url.origin)) return undefined
  if (loopback) return policy.allowLoopback ? undefined : LOCAL
  if (isAddress(url.hostname)) return kindOfAddress(url.hostname) === 'public' ? undefined : NOT_PUBLIC
  return isLocalName(url.hostname) ? NOT_PUBLIC : undefined
}

/** Why a connection to an IP address must not be made for a URL that passed `checkUrl`; undefined when it may. */
export function checkAddress(address: string, url: URL, policy: AddressPolicy): string | undefined {
  const kind = kindOfAddress(address)
  // `localhost` that leads elsewhere would carry plain http over a network, and a name that leads here is rebinding.
  if (isLoopbackHost(url.hostname)) return kind === 'loopback' ? undefined : 'a loopback name leads to another machine'
  if (policy.allowOrigins?.includes(url.origin)) return undefined
  return kind === 'public' ? undefined : NOT_PUBLIC
}

const HINT = 'if that is meant, list its origin in `allowOrigins`'
const LOCAL = `it leads to this machine (${HINT})`
const NOT_PUBLIC = `it leads to an address that is not on the public internet (${HINT})`

function isLoopbackHost(hostname: string): boolean {
  return isLoopbackName(hostname) || (isAddress(hostname) && kindOfAddress(hostname) === 'loopback')
}
