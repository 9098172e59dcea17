import { BlockList, isIP, isIPv6 } from 'node:net'

/** Says who is calling, given the peer of the socket and its `X-Forwarded-For`. */
export type RemoteAddress = (peer: string | undefined, forwardedFor: string | undefined) => string | undefined

/**
 * Reads `X-Forwarded-For` from its end, where each proxy wrote the address that it saw, and only as far as the writers are
 * trusted: everything before the first address that is no trusted proxy could be made up by the caller.
 */
export function createRemoteAddress(trustedProxies: readonly string[]): RemoteAddress {
  const trusted = new BlockList()
  for (const range of trustedProxies) {
    const [address = '', prefix] = range.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

  return (peer, forwardedFor) => {
    let address = peer && plain(peer)
    const hops = forwardedFor?.split(',').map((hop) => plain(hop.trim())) ?? []
    while (address !== undefined && isTrusted(address)) {
      const hop = hops.pop()
      if (hop === undefined || isIP(hop) === 0) break
      address = hop
    }
    return address
  }
}

/** IPv4 behind a dual-stack socket arrives as `::ffff:1.2.3.4`; proxies may add a port. */
function plain(address: string): string {
  return address
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
}
