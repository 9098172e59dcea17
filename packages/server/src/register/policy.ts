/** What an operator decided about clients that nobody registered: `dynamic_clients` of permitry.yaml. */
export interface DynamicClientPolicy {
  /** Whether a client may be known by its metadata document. */
  readonly documents: boolean
  /** Whether a client may register itself (RFC 7591). */
  readonly registration: boolean
  /** Whether such clients may be public: otherwise only those come that authenticate at the token endpoint. */
  readonly publicClients: boolean
  /** Hosts whose documents are taken, `*.example.com` for all names below one; every host when empty. */
  readonly allowedHosts: readonly string[]
  /** Hosts whose documents are not taken, whatever else is allowed. */
  readonly blockedHosts: readonly string[]
}

/** Half of the clients that exist cannot connect without both, so both are on unless somebody switches them off. */
export const DEFAULT_POLICY: DynamicClientPolicy = {
  documents: true,
  registration: true,
  publicClients: true,
  allowedHosts: [],
  blockedHosts: [],
}

/** How clients may authenticate, of the `methods` that their way of coming has. */
export function allowedMethods<Method extends string>(
  { publicClients }: DynamicClientPolicy,
  methods: readonly Method[],
): readonly Method[] {
  return methods.filter((method) => method !== 'none' || publicClients)
}

/** Whether documents of a host are taken (CIMD §6.8). Ports do not count. */
export function isHostTrusted({ allowedHosts, blockedHosts }: DynamicClientPolicy, host: string): boolean {
  if (blockedHosts.some((pattern) => matches(pattern, host))) return false
  return allowedHosts.length === 0 || allowedHosts.some((pattern) => matches(pattern, host))
}

/** `*.example.com` stands for names below it and not for `example.com`, as in certificates, but at any depth. */
function matches(pattern: string, host: string): boolean {
  // A dot at the end names the same host, and would otherwise lead around a block.
  const name = host.replace(/\.$/, '')
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length >= pattern.length : name === pattern
}
