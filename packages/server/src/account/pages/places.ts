import type { Place } from '../../html/index.ts'
import type { SignedIn } from '../../login/session.ts'
import type { Realm } from '../../realm.ts'

/** The path of each page. A closed set: a login can lead to these and nowhere else. */
const PATHS: Readonly<Record<Place, string>> = {
  overview: '/account',
  agents: '/account/agents',
  activity: '/account/activity',
  sessions: '/account/sessions',
  profile: '/account/profile',
  password: '/account/password',
  data: '/account/data',
  delete: '/account/delete',
}

/** What cannot be undone asks for a login that is not older than this. */
const FRESH_MS = 15 * 60_000
const NEED_FRESH_LOGIN: readonly Place[] = ['password', 'delete']

export function placeUrl(realm: Realm, place: Place): string {
  return `${realm.issuer}${PATHS[place]}`
}

export function placeUrls(realm: Realm): Readonly<Record<Place, string>> {
  const urls = Object.entries(PATHS).map(([place, path]) => [place, `${realm.issuer}${path}`])
  return Object.fromEntries(urls) as Record<Place, string>
}

/** The page that a link or form names; the overview for what is none. */
export function placeOf(name: string): Place {
  return Object.hasOwn(PATHS, name) ? (name as Place) : 'overview'
}

/** Whether the login counts for a page. One that lies ahead does not: the clock was set back since. */
export function isFreshEnough(realm: Realm, place: Place, { session }: SignedIn): boolean {
  const age = realm.now() - session.auth_time
  return !NEED_FRESH_LOGIN.includes(place) || (age >= 0 && age <= FRESH_MS)
}

/** The login form that leads on to a page. */
export function signInUrl(realm: Realm, place: Place): string {
  return `${realm.issuer}/account/sign-in?to=${place}`
}
