/** Where a reader of a list stands: the values that the list is ordered by, of the last item seen. */
export type Position = readonly (string | number)[]

/** A part of a list, and where the next one begins; undefined where there is none. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: Position | undefined
}

/** Makes a page of `most` items from rows of which one more was asked for, so that nobody is sent to an empty page. */
export function pageOf<T>(rows: readonly T[], most: number, positionOf: (item: T) => Position): Page<T> {
  const items = rows.slice(0, most)
  const last = rows.length > most ? items.at(-1) : undefined
  return { items, next: last === undefined ? undefined : positionOf(last) }
}
