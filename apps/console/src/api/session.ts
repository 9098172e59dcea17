import type { AdminScope } from '@permitry/admin-api'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { CONSOLE } from './base.ts'
import { send } from './admin.ts'

/** Who is signed in, as `/console/api/session` says it. */
export interface Session {
  readonly subject: { readonly id: string; readonly name: string; readonly username: string | null }
  readonly scopes: readonly string[]
  /** Seconds since 1970. */
  readonly auth_time: number
  readonly organisation: string
  readonly issuer: string
}

/** Null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    const response = await send(`${CONSOLE}/api/session`, {})
    if (response.status === 401) return null
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    return (await response.json()) as Session
  },
})

export function useSession(): Session | null {
  return useSuspenseQuery(sessionQuery).data
}

/** Whether a session may use what needs a scope; the `write` of an area implies its `read`. The API decides, this only draws. */
export function may(session: Session | null, scope: AdminScope): boolean {
  const implying = scope.replace(/:read$/, ':write')
  return session !== null && (session.scopes.includes(scope) || session.scopes.includes(implying))
}

/** Why a control cannot be used, or undefined when it can. */
export function useReason(scope: AdminScope): string | undefined {
  return may(useSession(), scope) ? undefined : scope
}

/** Signs out of the console and of this server; what other applications were allowed stays. */
export async function signOut(): Promise<void> {
  await send(`${CONSOLE}/logout`, { method: 'POST' })
  window.location.assign(CONSOLE)
}
