import type { Declaration } from '../../store/repositories/declarations.ts'
import { changesBetween, type FieldChange } from '../changes.ts'
import type { Definitions, UserDefinition } from './desired.ts'

/** One thing that `apply` would make, change or remove. */
export interface Change {
  /** The tenant is never made or removed by a file; all others are. */
  readonly kind: Declaration['kind'] | 'tenant'
  readonly id: string
  readonly action: 'create' | 'update' | 'delete'
  readonly fields: readonly FieldChange[]
}

/** What `apply` would do. Holds hashes of client secrets and no other secret; printing it hides those too. */
export interface Plan {
  readonly changes: readonly Change[]
  /** Made by an earlier `apply`, no longer in the file, and kept because pruning was not asked for. */
  readonly leftAlone: readonly Declaration[]
}

/** In this order things may refer to each other, so they are made in it and removed against it. */
const KINDS = ['tenant', 'server', 'role', 'group', 'user', 'client'] as const satisfies readonly Change['kind'][]

/** Compares what a file wants with what is there. Only what `apply` made itself is ever removed, and only with `prune`. */
export function planChanges(
  desired: Definitions,
  current: Definitions,
  declared: readonly Declaration[],
  prune: boolean,
): Plan {
  const vanished = declared.filter(
    ({ kind, id }) => current[kind].some((entry) => entry.id === id) && !desired[kind].some((entry) => entry.id === id),
  )
  const deletions = vanished.toSorted((a, b) => KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind))
  const puts = KINDS.flatMap((kind) =>
    desired[kind].flatMap((entry): Change[] => {
      const before = current[kind].find(({ id }) => id === entry.id)
      const fields = changesBetween(before, kind === 'user' ? keepPassword(entry as UserDefinition, before) : entry)
      if (before && fields.length === 0) return []
      return [{ kind, id: entry.id, action: before ? 'update' : 'create', fields }]
    }),
  )
  return {
    changes: [...(prune ? deletions.map(toDeletion) : []), ...puts],
    leftAlone: prune ? [] : deletions,
  }
}

/** A password that was set stays, whatever the file says: the person may have chosen another one. */
function keepPassword(user: UserDefinition, before: object | undefined): UserDefinition {
  const hasPassword =
    user.hasPassword || (before !== undefined && 'hasPassword' in before && before.hasPassword === true)
  return { ...user, hasPassword }
}

function toDeletion(declaration: Declaration): Change {
  return { ...declaration, action: 'delete', fields: [] }
}
