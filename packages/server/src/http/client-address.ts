import { BlockList, isIP } from 'node:net'
import { forwardedFor } from './forwarded.ts'

/** The proxies whose word about the address of a client counts. */
export type TrustedProxies = (address: string) => boolean

/** Reads `trusted_proxies`: addresses and CIDR ranges. Throws for anything else, so that a typing error stops the start. */
export function trustProxies(ranges: readonly string[]): TrustedProxies {
  const trusted = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix, ...rest] = range.split('/')
    const family = familyOf(address)
    if (!family || rest.length > 0 || (prefix !== undefined && !/^[1-9]\d{0,2}$/.test(prefix)))
      throw new TypeError(`\`${range}\` is no trusted proxy: write an IP address or a range such as 10.0.0.0/8`)
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    const family = familyOf(address)
    return family !== undefined && trusted.check(address, family)
  }
}

interface ForwardingHeaders {
  readonly forwarded?: string | undefined
  readonly xForwardedFor?: string | undefined
}

/**
 * The address of the client behind trusted proxies: the rightmost hop that is not one of them. Everything left of it was
 * written by somebody whom nobody vouches for. Without a believable hop it is the peer itself, and without a peer
 * `unknown`: whoever cannot be told apart shares one address.
 */
export function clientAddress(
  peer: string | undefined,
  { forwarded, xForwardedFor }: ForwardingHeaders,
  isTrusted: TrustedProxies,
): string {
  const nearest = plainAddress(peer ?? '') ?? 'unknown'
  if (!isTrusted(nearest)) return nearest
  const answers = [
    ...(xForwardedFor === undefined ? [] : [xForwardedFor.split(',')]),
    ...(forwarded === undefined ? [] : [forwardedFor(forwarded)]),
  ].map((hops) => rightmostUntrusted(nearest, hops, isTrusted))
  const [answer = nearest, other = answer] = answers
  // A proxy that writes one of the two headers passes on what the client wrote into the other.
  return answer === other ? answer : nearest
}

function rightmostUntrusted(nearest: string, hops: readonly string[], isTrusted: TrustedProxies): string {
  let proved = nearest
  for (const hop of hops.toReversed()) {
    const address = hopAddress(hop.trim())
    // `unknown`, an obfuscated name or nonsense: what stands further left cannot be reached any more.
    if (address === undefined) return proved
    if (!isTrusted(address)) return address
    proved = address
  }
  return proved
}

/** A hop as proxies write it: an address, with a port where they know it (RFC 7239 §6). */
function hopAddress(hop: string): string | undefined {
  const withPort = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(hop)
  return plainAddress(withPort?.[1] ?? withPort?.[2] ?? hop)
}

/** One spelling for one address: lower case, compressed, without zone, and IPv4 also where a socket maps it into IPv6. */
function plainAddress(text: string): string | undefined {
  const address = text.replace(/%.*$/, '')
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) return undefined
  const compressed = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed)
  if (!mapped) return compressed
  const bytes = [mapped[1], mapped[2]].flatMap((group) => {
    const value = Number.parseInt(group ?? '', 16)
    return [value >> 8, value & 0xff]
  })
  return bytes.join('.')
}

/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 one, which a single subscriber has to himself. */
export function callerNetwork(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - tailGroups.length
  const full = [...groups, ...Array.from({ length: zeros }, () => '0'), ...tailGroups]
  return `${full.slice(0, 4).join(':')}::/64`
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}
