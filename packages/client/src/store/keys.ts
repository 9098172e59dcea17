// The names of all rows. Each part is percent-encoded, so that no value of one part can reach into another.

/** What a token belongs to. Users, issuers and resources are identifiers, never names or addresses of people. */
export interface Place {
  readonly user: string
  readonly issuer: string
  readonly resource: string
}

const join = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

export const rowOf = {
  /** Tokens of a user, for one resource, from one authorization server. */
  tokens: ({ user, issuer, resource }: Place): string => join('user', user, 'tokens', issuer, resource),
  /** Tokens of a user start like this. */
  tokensOf: (user: string): string => `${join('user', user, 'tokens')}/`,
  /** Whether such a row is for a resource. */
  isFor: (row: string, resource: string): boolean => row.endsWith(`/${encodeURIComponent(resource)}`),
  /** Everything of a user starts like this. */
  user: (user: string): string => `${join('user', user)}/`,
  /** A lock that processes share. */
  lease: (row: string): string => join('lease', row),
  /** That a user has an authorization that waits. */
  userPending: (user: string, id: string): string => join('user', user, 'pending', id),
  /** An authorization that waits for its response, by the hash of its `state`. */
  pending: (stateHash: string): string => join('pending', stateHash),
  /** The client that the app is at an authorization server where it registered itself. */
  registration: (issuer: string): string => join('registration', issuer),
  /** What the metadata of an MCP server said. */
  discovery: (server: string): string => join('discovery', server),
}
