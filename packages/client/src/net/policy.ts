import {
  type AddressFault,
  type AddressPolicy,
  checkAddress as addressFault,
  checkUrl as urlFault,
  describeAddressFault,
} from '@permitry/oauth/address'
import { ClientError } from '../errors.ts'

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

/** Why an address must not be fetched or opened, with what an app can do about it; undefined when it may. Asks no DNS. */
export function checkUrl(address: string | URL, policy: AddressPolicy): string | undefined {
  return explain(urlFault(address, policy))
}

/** The same for an IP address that the name in a URL resolved to. */
export function checkAddress(address: string, url: URL, policy: AddressPolicy): string | undefined {
  return explain(addressFault(address, url, policy))
}

function explain(fault: AddressFault | undefined): string | undefined {
  if (fault === undefined) return undefined
  const canBeAllowed = fault === 'loopback' || fault === 'not_public'
  return describeAddressFault(fault) + (canBeAllowed ? ' (if that is meant, list its origin in `allowOrigins`)' : '')
}
