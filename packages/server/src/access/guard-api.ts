import { sameResource } from '@permitry/oauth'

/** What a server credential may be used for, beside introspection, where the client authenticates itself. */
export const GUARD_SCOPES = ['signals', 'decisions', 'catalogue'] as const
export type GuardScope = (typeof GUARD_SCOPES)[number]

/** The audience of the guard API: a closed resource, which no MCP server can be called and no application can ask for. */
export function guardAudience(issuer: string): string {
  return `${issuer}/guard`
}

export function isGuardApi(issuer: string, resource: string): boolean {
  return sameResource(resource, guardAudience(issuer))
}
