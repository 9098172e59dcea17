import type { Context } from 'hono'
import type { Realm } from '../realm.ts'

/** The bindings that whoever listens hands to the app: the peer's address, already freed from untrusted forwarding headers. */
export interface Bindings {
  remoteAddress?: string
}

export type Http = Context<{ Bindings: Bindings }>

/** One endpoint of one tenant. */
export type Endpoint = (realm: Realm, c: Http) => Promise<Response> | Response
