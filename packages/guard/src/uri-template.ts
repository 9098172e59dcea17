/** Finds the rule for a URI: the key that it matches, and the values of the template's variables. */
export type TemplateMatcher = (
  uri: string,
) => { readonly key: string; readonly variables: Readonly<Record<string, string>> } | undefined

/** Longer ones are no URI of ours; matching two variables in one segment takes the square of the length. */
const MAX_URI_LENGTH = 2_048

/**
 * Compiles the keys of the resource rules. A key is a URI or a template whose `{variables}` each stand for one or more
 * characters other than `/`, level 1 of RFC 6570. A URI that is a key itself wins; then the first template that fits.
 */
export function matchTemplates(keys: readonly string[]): TemplateMatcher {
  const exact = new Set(keys)
  const templates = keys.flatMap((key) => {
    const parts = key.split(/\{([A-Za-z_][A-Za-z0-9_]*)\}/)
    if (parts.length === 1) return []
    // Odd parts are names of variables, the others stand for themselves.
    const names = parts.filter((_, index) => index % 2 === 1)
    const source = parts.map((part, index) => (index % 2 === 1 ? '([^/]+)' : escapeRegExp(part))).join('')
    return [{ key, names, pattern: new RegExp(`^${source}$`) }]
  })
  return (uri) => {
    if (exact.has(uri)) return { key: uri, variables: {} }
    if (uri.length > MAX_URI_LENGTH) return undefined
    for (const { key, names, pattern } of templates) {
      const values = pattern.exec(uri)?.slice(1)
      if (values) return { key, variables: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) }
    }
    return undefined
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
