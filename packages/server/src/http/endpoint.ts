import type { Context } from 'hono'
import type { Realm } from '../realm.ts'

/** What whoever listens hands over with a request: the address of the socket's peer, which may be a proxy. */
export interface Bindings {
  readonly remoteAddress?: string | undefined
}

/** What endpoints know of the caller: the client's address, freed from forwarding headers that nobody vouches for. */
export interface Caller {
  readonly clientAddress: string
}

export type Http = Context<{ Bindings: Caller }>

/** One endpoint of one tenant. */
export type Endpoint = (realm: Realm, c: Http) => Promise<Response> | Response
