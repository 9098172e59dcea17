// What RFC 8414 and RFC 9728 documents have in common.

/** Leaves out members without a value and empty arrays: "Claims with zero elements MUST be omitted", RFC 8414 §3.2, RFC 9728 §3.2. */
export function omitEmpty<T extends object>(document: T): T {
  const kept = Object.entries(document).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return Object.freeze(Object.fromEntries(kept)) as T
}

/** Inserts `/.well-known/<suffix>` between host and path; a slash right after the host goes when nothing follows it. */
export function insertWellKnown(identifier: string, suffix: string): string {
  const match = /^(https?:\/\/[^/?#]+)([^?#]*)(\?[^#]*)?$/i.exec(identifier)
  if (match === null) throw new TypeError('a well-known URL needs an http or https identifier without fragment')
  const [, origin, path = '', query = ''] = match
  return `${origin}/.well-known/${suffix}${path === '/' ? '' : path}${query}`
}
