import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '@permitry/oauth'
import type { Place } from '../../html/index.ts'
import type { SignedIn } from '../../login/session.ts'
import type { Realm } from '../../realm.ts'

/** What a form of the account does, to what, and what the person saw of that. None of it can be changed in the form. */
export interface Sealed {
  readonly act: string
  readonly of?: string
  readonly shown?: string
}

/** The hidden fields of a form: what it does, with a proof that binds it to its page and to the session in which it was shown. */
export function seal(realm: Realm, signedIn: SignedIn, place: Place, sealed: Sealed): Record<string, string> {
  return { ...sealed, proof: proofOf(realm, signedIn, place, sealed) }
}

/** Whether this server sent this form, on this page, to this session. */
export function isSealed(realm: Realm, signedIn: SignedIn, place: Place, sealed: Sealed, proof: string): boolean {
  return equalInConstantTime(proofOf(realm, signedIn, place, sealed), proof)
}

function proofOf(realm: Realm, { session }: SignedIn, place: Place, { act, of = '', shown = '' }: Sealed): string {
  return bind(realm, ['account', place, session.id, act, of, shown])
}

/** Proves that a login form of the account was sent to this browser, with this session or none. */
export function loginProof(realm: Realm, place: Place, browserHash: string, before: SignedIn | undefined): string {
  return bind(realm, ['account login', place, browserHash, before?.session.id ?? null])
}

/** Lets only this server say what was done: a link from elsewhere could otherwise claim that access was withdrawn. */
export function toldProof(realm: Realm, { session }: SignedIn, told: string): string {
  return bind(realm, ['account told', session.id, told])
}

function bind(realm: Realm, parts: readonly (string | null)[]): string {
  return createHmac('sha256', realm.secrets.flow)
    .update(JSON.stringify([realm.tenant, ...parts]))
    .digest('base64url')
}
