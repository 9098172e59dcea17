import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

/** The app's two cookies. Scripts see neither, and neither goes to other sites. */
export interface Cookies {
  session: Cookie
  /** Ties a sign-in to the browser that began it. */
  signIn: Cookie
}

export interface Cookie {
  read: (c: Context) => string | undefined
  write: (c: Context, value: string) => void
  clear: (c: Context) => void
}

const SIGN_IN_SECONDS = 10 * 60

export function createCookies(origin: URL): Cookies {
  // Ports of one host share cookies, so on loopback the name says whose it is.
  const isSecure = origin.protocol === 'https:'
  const nameOf = (name: string): string =>
    isSecure ? `__Host-vet-assist-${name}` : `vet-assist-${name}-${origin.port}`
  return {
    session: createCookie(nameOf('session'), isSecure, undefined),
    signIn: createCookie(nameOf('sign-in'), isSecure, SIGN_IN_SECONDS),
  }
}

function createCookie(name: string, secure: boolean, maxAge: number | undefined): Cookie {
  // Lax and not Strict: people come back from the authorization server, which is another site.
  const attributes = { httpOnly: true, sameSite: 'Lax', secure, path: '/' } as const
  return {
    read: (c) => getCookie(c, name),
    write: (c, value) => setCookie(c, name, value, { ...attributes, ...(maxAge !== undefined && { maxAge }) }),
    clear: (c) => void deleteCookie(c, name, attributes),
  }
}
