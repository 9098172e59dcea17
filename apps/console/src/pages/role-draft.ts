import type { Role } from './role-queries.ts'

/** What somebody has written into the form of a role. */
export interface RoleDraft {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

export const EMPTY_DRAFT: RoleDraft = { id: '', name: '', description: '', scopes: {} }

export function draftOf({ id, name, description, scopes }: Role): RoleDraft {
  return { id, name, description, scopes }
}

/** The draft with a scope ticked or not. */
export function withScope(draft: RoleDraft, server: string, scope: string, isHeld: boolean): RoleDraft {
  const others = (draft.scopes[server] ?? []).filter((one) => one !== scope)
  return { ...draft, scopes: { ...draft.scopes, [server]: isHeld ? [...others, scope] : others } }
}

/** The API takes no server without scopes for a permission. */
export function bodyOf({ name, description, scopes }: RoleDraft) {
  const held = Object.entries(scopes).filter(([, names]) => names.length > 0)
  return { name, description, scopes: Object.fromEntries(held.map(([server, names]) => [server, [...names]])) }
}

/** Keeps a draft in this tab while its author signs in again; takes it back once. */
export const keptDrafts = {
  keep(key: string, draft: RoleDraft): void {
    sessionStorage.setItem(`draft ${key}`, JSON.stringify(draft))
  },
  take(key: string): RoleDraft | undefined {
    const kept = sessionStorage.getItem(`draft ${key}`)
    sessionStorage.removeItem(`draft ${key}`)
    return kept === null ? undefined : (JSON.parse(kept) as RoleDraft)
  },
}
