import type { ConfigDocument } from './document.ts'
import { checkAgents, checkClientCombinations, checkClientServers, checkRedirectUris } from './check-clients.ts'
import {
  checkGroupRoles,
  checkPasswords,
  checkRoleScopes,
  checkUsernames,
  checkUserReferences,
} from './check-people.ts'
import { checkImpliedScopes, checkReservedScopes, checkServerNames, checkServerScopes } from './check-servers.ts'
import {
  checkExtraCaCertificates,
  checkIssuerRules,
  checkReservedIds,
  checkTrustedProxies,
  checkUniqueIds,
} from './check-top.ts'
import { createView, type Check, type Finding } from './view.ts'

/** Everything that the parts of a configuration must say rightly about each other. Each row is named in a test. */
export const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['issuer', checkIssuerRules],
  ['trusted proxies', checkTrustedProxies],
  ['extra CA certificates', checkExtraCaCertificates],
  ['unique ids', checkUniqueIds],
  ['reserved ids', checkReservedIds],
  ['server names', checkServerNames],
  ['reserved scopes', checkReservedScopes],
  ['server scopes', checkServerScopes],
  ['implied scopes', checkImpliedScopes],
  ['role scopes', checkRoleScopes],
  ['group roles', checkGroupRoles],
  ['user references', checkUserReferences],
  ['user names', checkUsernames],
  ['passwords', checkPasswords],
  ['redirect URIs', checkRedirectUris],
  ['client combinations', checkClientCombinations],
  ['client servers', checkClientServers],
  ['agents', checkAgents],
]

/** Runs all checks over a parsed file, also when other parts of it have the wrong shape. */
export function* checkReferences(value: unknown, document: ConfigDocument): Iterable<Finding> {
  const view = createView(value, document)
  for (const [, check] of CHECKS) yield* check(view)
}
