/** A definition in the one form in which equal ones are equal: lists of words are sets here, so they are sorted and unique. */
export function canonical<T>(value: T): T {
  return canonicalValue(value) as T
}

function canonicalValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'string')) return [...new Set(value)].toSorted()
    return value.map(canonicalValue)
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, canonicalValue(item)])
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
