import type { Context } from 'hono'
import type { Realm } from '../realm.ts'

/** What whoever listens hands over with a request: the address of the socket's peer, which may be a proxy. */
export interface Bindings {
  readonly remoteAddress?: string | undefined
}

/** What endpoints know of the caller: the client's address, freed from forwarding headers that nobody vouches for. */
interface Caller {
  readonly clientAddress: string
}

/**
 * What the route sets: `tenantName`, for the head of each page, and `callOwn`, which asks an endpoint of this server without
 * leaving the process, as coming from the same address.
 */
export interface HttpEnv {
  Bindings: Caller
  Variables: { tenantName: string; callOwn: (request: Request) => Promise<Response> }
}

export type Http = Context<HttpEnv>

/** One endpoint of one tenant. */
export type Endpoint = (realm: Realm, c: Http) => Promise<Response> | Response
