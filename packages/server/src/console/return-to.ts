import type { Realm } from '../realm.ts'

/** The steps of signing in and the API are no pages to come back to. */
const NOT_A_PAGE = /^\/(?:login|callback|logout|api)(?:\/|$)/

/**
 * Where a person goes after signing in: the page of the console that the address asked for, or the first one. Whoever made the
 * link chose `wanted`: it decides on nothing but a path below the console of this very tenant.
 */
export function returnTo({ issuer }: Realm, wanted: string | undefined): string {
  const home = `${issuer}/console`
  // Browsers read a backslash as a slash and skip tabs and line breaks, so only what is plain is looked at.
  if (wanted === undefined || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return home
  const url = URL.parse(wanted, issuer)
  const base = new URL(home)
  if (!url || url.origin !== base.origin || !`${url.pathname}/`.startsWith(`${base.pathname}/`)) return home
  return NOT_A_PAGE.test(url.pathname.slice(base.pathname.length)) ? home : url.href
}
