import type { Names } from '../store/repositories/labels.ts'

/** Something with what people call it; the id again where the name is not known any more. */
export function named(names: Names, id: string): { id: string; name: string } {
  return { id, name: names.get(id) ?? id }
}

export function namedOrNull(names: Names, id: string | null): { id: string; name: string } | null {
  return id === null || id === '' ? null : named(names, id)
}
