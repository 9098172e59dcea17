import ipaddr from 'ipaddr.js'

/** Where an IP address leads. `special` is everything that is neither loopback nor the public internet. */
export type AddressKind = 'public' | 'loopback' | 'special'

/**
 * Classifies an IP address, IPv6 with or without brackets. Deny by default: only what is known to be global unicast is
 * `public`; addresses that carry an IPv4 address (mapped, NAT64) are what that one is, and tunnels that could (6to4,
 * Teredo) are special. What is no address is special.
 */
export function kindOfAddress(text: string): AddressKind {
  const literal = text.replace(/^\[(.*)\]$/, '$1')
  if (!ipaddr.isValid(literal)) return 'special'
  const address = ipaddr.parse(literal)
  const embedded = address.kind() === 'ipv6' ? embeddedIPv4(address as ipaddr.IPv6) : undefined
  if (embedded !== undefined) return kindOfAddress(embedded)
  const range = address.range()
  if (range === 'loopback') return 'loopback'
  if (range !== 'unicast') return 'special'
  // `unicast` is what is left over in the tables; in IPv6 that includes `::127.0.0.1` and all that is not assigned yet.
  return address.kind() === 'ipv4' || isGlobalUnicast(address as ipaddr.IPv6) ? 'public' : 'special'
}

/** Says whether a host, as `URL.hostname` writes it, is an IP address. WHATWG URLs turn `0x7f.1` and `2130706433` into dotted ones. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || ipaddr.IPv4.isValidFourPartDecimal(hostname)
}

/** Names that mean this machine or this network, RFC 6761 §6.3, RFC 6762 §3 and the reserved `internal`. */
export function isLocalName(hostname: string): boolean {
  return isLoopbackName(hostname) || /(?:^|\.)(?:local|internal|lan|home\.arpa)$/.test(withoutDot(hostname))
}

/** `localhost` and what ends in it, with or without the dot of the root. */
export function isLoopbackName(hostname: string): boolean {
  return /(?:^|\.)localhost$/.test(withoutDot(hostname))
}

const withoutDot = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '')

/** RFC 4291 §2.5.5.2 and the well-known prefix of RFC 6052 §2.1; networks without IPv4 reach the whole internet through it. */
function embeddedIPv4(address: ipaddr.IPv6): string | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  const [a, b, c, d, e, f, high = 0, low = 0] = address.parts
  const isNat64 = a === 0x64 && b === 0xff9b && [c, d, e, f].every((part) => part === 0)
  return isNat64 ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : undefined
}

/** 2000::/3, the only part of IPv6 that is given out. */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return (address.parts[0] ?? 0) >> 13 === 1
}
