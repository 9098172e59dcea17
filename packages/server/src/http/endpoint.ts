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

/** `tenantName` is set by the route, for the head of each page. */
export interface HttpEnv {
  Bindings: Caller
  Variables: { tenantName: string }
}

export type Http = Context<HttpEnv>

/** One endpoint of one tenant. */
export type Endpoint = (realm: Realm, c: Http) => Promise<Response> | Response
