import { parseForm } from '@permitry/oauth'
import { equalInConstantTime } from '@permitry/oauth'
import { type Outcome, type Command } from '../../commands/command.ts'
import { describeFailure } from '../../commands/failure.ts'
import { runCommand } from '../../commands/run.ts'
import type { AccountView, Place, Told } from '../../html/index.ts'
import type { Endpoint, Http } from '../../http/endpoint.ts'
import { ownForm } from '../../http/own-form.ts'
import { chrome, errorResponse } from '../../http/pages.ts'
import { readSession, type SignedIn, touchSession } from '../../login/session.ts'
import type { Realm } from '../../realm.ts'
import { isFreshEnough, placeUrl, placeUrls, signInUrl } from './places.ts'
import { isSealed, toldProof } from './proof.ts'

/** A request of somebody who is signed in, to a page of their own account. */
export interface Visit {
  readonly realm: Realm
  readonly c: Http
  readonly signedIn: SignedIn
}

/** A form that came back: `act`, `of` and `shown` as this server sent them, the rest as somebody typed it. */
export interface Sent {
  readonly act: string
  readonly of: string
  readonly shown: string
  readonly typed: Readonly<Record<string, string>>
  /** The boxes that stayed ticked. */
  readonly ticked: readonly string[]
}

type Answer = Promise<Response> | Response

/** A page of the account: shown to whoever is signed in, and asks everybody else to sign in first. */
export function accountPlace(place: Place, show: (visit: Visit) => Answer): Endpoint {
  return async (realm, c) => {
    const signedIn = await realm.unit(async (t) => {
      const found = await readSession(realm, c, t)
      if (found) await touchSession(realm, t, found)
      return found
    })
    if (!signedIn || !isFreshEnough(realm, place, signedIn)) return c.redirect(signInUrl(realm, place), 303)
    return show({ realm, c, signedIn })
  }
}

/** Takes a form of a page of the account, if this server sent it to this session. */
export function accountForm(place: Place, take: (visit: Visit, sent: Sent) => Answer): Endpoint {
  return ownForm(async (realm, c) => {
    const form = parseForm(await c.req.text(), { repeatable: ['scope'] })
    if (!form.ok || form.value.repeated.length > 0) return errorResponse(c, { cause: 'request_malformed' })
    const { act = '', of = '', shown = '', proof = '', ...typed } = form.value.values
    const signedIn = await realm.read((t) => readSession(realm, c, t))
    const isOurs =
      signedIn && isFreshEnough(realm, place, signedIn) && isSealed(realm, signedIn, place, { act, of, shown }, proof)
    if (!isOurs) return errorResponse(c, { cause: 'form_refused', goOnUrl: placeUrl(realm, place) })
    return take({ realm, c, signedIn }, { act, of, shown, typed, ticked: form.value.lists['scope'] ?? [] })
  })
}

/** What every page of the account shows, with what was just done when this server says so. */
export function accountView({ realm, c, signedIn }: Visit): AccountView {
  const { id, name, username } = signedIn.subject
  const told = c.req.method === 'GET' ? toldIn(realm, c, signedIn) : undefined
  return {
    ...chrome(c),
    person: { name, username: username ?? id },
    urls: placeUrls(realm),
    signOutUrl: `${realm.issuer}/logout`,
    ...(told === undefined ? {} : { told }),
  }
}

/** Leads to a page that tells what was done: reloading it does nothing again. */
function tell({ realm, c, signedIn }: Visit, place: Place, told: Told): Response {
  const query = new URLSearchParams({ told, proof: toldProof(realm, signedIn, told) })
  return c.redirect(`${placeUrl(realm, place)}?${query.toString()}`, 303)
}

/** Runs a command in the person's own name. */
export function runOwn<Input>(
  { realm, signedIn }: Visit,
  command: Command<Input & { readonly sessionId: string }>,
  input: Input,
) {
  const operator = realm.operatorFor({ kind: 'subject', id: signedIn.subject.id, scopes: [] })
  return runCommand(operator, command, { ...input, sessionId: signedIn.session.id })
}

/** Tells of a command that ran; what it was about may have gone, or the session ended, since the form was shown. */
export function tellOutcome(
  visit: Visit,
  place: Place,
  done: Awaited<ReturnType<typeof runOwn>>,
  told: Told,
): Response {
  const outcome: Outcome = done.ok ? done.value : 'unchanged'
  if (!done.ok && done.error.reason !== 'unknown') throw new Error(describeFailure(done.error))
  return tell(visit, place, outcome === 'changed' ? told : 'nothing changed')
}

function toldIn(realm: Realm, c: Http, signedIn: SignedIn): Told | undefined {
  const { told = '', proof = '' } = c.req.query()
  return equalInConstantTime(toldProof(realm, signedIn, told), proof) ? (told as Told) : undefined
}
