import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import { newSecret } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'

/**
 * `browser` ties a request under way to its browser, `session` is the login, `device` says that somebody has signed in here
 * before, `console` is the console's session and `console_login` a sign-in to it that is under way.
 */
export type CookieName = 'browser' | 'session' | 'device' | 'console' | 'console_login'

/**
 * `__Host-` cookies bind to this host and to https. Plain http exists on loopback only, where all ports of a host share
 * their cookies: there the name says which server set it.
 */
function nameAndOptions(realm: Realm, name: CookieName): { name: string; options: CookieOptions } {
  const url = new URL(realm.issuer)
  // Nobody comes to the console's API from elsewhere: the page that does is loaded without this cookie.
  const sameSite = name === 'console' ? 'Strict' : 'Lax'
  const options: CookieOptions = { path: '/', httpOnly: true, sameSite }
  const tenant = realm.tenant === 'default' ? '' : `_${realm.tenant}`
  if (url.protocol === 'https:')
    return { name: `__Host-permitry_${name}${tenant}`, options: { ...options, secure: true } }
  return { name: `permitry_${name}_${url.port || '80'}${tenant}`, options }
}

export function readCookie(realm: Realm, c: Context, name: CookieName): string | undefined {
  return getCookie(c, nameAndOptions(realm, name).name)
}

/** Sets a cookie that dies with the browser unless it is told how long to stay; how long its secret is worth something is decided in the database. */
export function writeCookie(realm: Realm, c: Context, name: CookieName, value: string, lifetimeMs?: number): void {
  const cookie = nameAndOptions(realm, name)
  const maxAge = lifetimeMs === undefined ? {} : { maxAge: Math.floor(lifetimeMs / 1000) }
  setCookie(c, cookie.name, value, { ...cookie.options, ...maxAge })
}

/** The secret that ties what is begun here to this browser: the one that it has, or a new one. */
export function rememberBrowser(realm: Realm, c: Context): string {
  const cookie = readCookie(realm, c, 'browser')
  const browser = cookie !== undefined && /^[\w-]{43}$/.test(cookie) ? cookie : newSecret()
  writeCookie(realm, c, 'browser', browser)
  return browser
}

export function clearCookie(realm: Realm, c: Context, name: CookieName): void {
  const cookie = nameAndOptions(realm, name)
  setCookie(c, cookie.name, '', { ...cookie.options, maxAge: 0 })
}
