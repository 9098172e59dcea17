const [, prefix = ''] = /^(\/t\/[^/]+)?\/console/.exec(window.location.pathname) ?? []

/** Where this console lives: below its tenant. */
export const CONSOLE = `${prefix}/console`

/** Leaves for the sign-in and comes back to the page that is open; `maxAge` asks for a password where the last one is older. */
export function signIn(maxAgeSeconds?: number): void {
  const { pathname, search } = window.location
  const query = new URLSearchParams({ return_to: pathname + search })
  if (maxAgeSeconds !== undefined) query.set('max_age', String(maxAgeSeconds))
  window.location.assign(`${CONSOLE}/login?${query.toString()}`)
}
