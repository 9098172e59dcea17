// Preloaded: the names of the guides lead to this machine, and nowhere else. What their certificates say is checked as ever.
import dns from 'node:dns'

const system = dns.lookup.bind(dns) as (hostname: string, ...rest: unknown[]) => void

dns.lookup = ((hostname: string, ...rest: unknown[]) =>
  system(hostname.endsWith('.example.com') ? '127.0.0.1' : hostname, ...rest)) as typeof dns.lookup
