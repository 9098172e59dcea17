import { err, ok, type Result } from './result.ts'

/** Which scopes a scope carries along: the holder of the key also has every scope of the list. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Says whether a value is one scope token, RFC 6749 §3.3. */
export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value)
}

/**
 * Parses a `scope` parameter or claim, RFC 6749 §3.3: order kept, duplicates removed, an empty text is no scope.
 * Runs of spaces are tolerated, since clients join lists with empty entries; no other white space is.
 */
export function parseScope(text: string): Result<readonly string[]> {
  const scopes = new Set(text.split(' ').filter((token) => token !== ''))
  for (const token of scopes) {
    if (!isScopeToken(token))
      return err('scope has a character that RFC 6749 does not allow: send tokens separated by spaces')
  }
  return ok([...scopes])
}

/** Joins scopes into a `scope` parameter, claim or challenge, RFC 6749 §3.3. */
export function formatScope(scopes: readonly string[]): string {
  return scopes.join(' ')
}

/** All scopes that the given ones carry, themselves first and in their order. A hierarchy with cycles is fine. */
export function scopeClosure(scopes: readonly string[], hierarchy: ScopeHierarchy = {}): readonly string[] {
  const closure = new Set(scopes)
  // A Set yields members that were added during its iteration, so this walks the hierarchy to its end exactly once.
  for (const scope of closure) {
    // `hasOwn`: scope names are attacker-controlled, and `constructor` must not find Object.prototype's.
    if (!Object.hasOwn(hierarchy, scope)) continue
    for (const implied of hierarchy[scope] ?? []) closure.add(implied)
  }
  return [...closure]
}

/** The needed scopes that the granted ones do not carry, in the order of need; empty means sufficient. */
export function missingScopes(
  needed: readonly string[],
  granted: readonly string[],
  hierarchy: ScopeHierarchy = {},
): readonly string[] {
  const held = new Set(scopeClosure(granted, hierarchy))
  return [...new Set(needed)].filter((scope) => !held.has(scope))
}

/** The scopes that are in both lists, in the order of the first. Knows no hierarchy: close the lists first where it counts. */
export function intersectScopes(a: readonly string[], b: readonly string[]): readonly string[] {
  const other = new Set(b)
  return [...new Set(a)].filter((scope) => other.has(scope))
}

/** The scopes that are in any of the lists, in order of first mention. */
export function unionScopes(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())]
}
