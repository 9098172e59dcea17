/** Finds the rule for a URI: the key that it matches, and the values of the template's variables. */
export type TemplateMatcher = (
  uri: string,
) => { readonly key: string; readonly variables: Readonly<Record<string, string>> } | undefined

/** Longer ones are no URI of ours; matching two variables between slashes takes the square of the length. */
const MAX_URI_LENGTH = 2_048

/**
 * Compiles the keys of the resource rules. A key is a URI or a template whose `{variables}` each stand for one or more
 * characters other than `/`, level 1 of RFC 6570. A URI that is a key itself wins; then the first template that fits.
 * What stands between slashes is matched by itself: one expression for all would try every way through one segment again
 * for each way through the others, and a caller could make that take hours.
 */
export function matchTemplates(keys: readonly string[]): TemplateMatcher {
  const exact = new Set(keys)
  const templates = keys
    .filter((key) => VARIABLE.test(key))
    .map((key) => ({ key, segments: key.split('/').map((segment) => compileSegment(segment)) }))
  return (uri) => {
    if (exact.has(uri)) return { key: uri, variables: {} }
    if (uri.length > MAX_URI_LENGTH) return undefined
    const parts = uri.split('/')
    for (const { key, segments } of templates) {
      if (segments.length !== parts.length) continue
      const variables: [string, string][] = []
      const fits = segments.every(({ names, pattern }, index) => {
        const values = pattern.exec(parts[index] ?? '')?.slice(1)
        variables.push(...names.map((name, at): [string, string] => [name, values?.[at] ?? '']))
        return values !== undefined
      })
      if (fits) return { key, variables: Object.fromEntries(variables) }
    }
    return undefined
  }
}

const VARIABLE = /\{([A-Za-z_][A-Za-z0-9_]*)\}/

/** Says whether a key has a segment with so many variables that matching it takes more than the square of the length. */
export function isSlowTemplate(key: string): boolean {
  return key.split('/').some((segment) => segment.split(VARIABLE).length > 5)
}

function compileSegment(segment: string): { readonly names: readonly string[]; readonly pattern: RegExp } {
  // Odd parts are names of variables, the others stand for themselves.
  const parts = segment.split(VARIABLE)
  const names = parts.filter((_, index) => index % 2 === 1)
  const source = parts.map((part, index) => (index % 2 === 1 ? '([^/]+)' : escapeRegExp(part))).join('')
  return { names, pattern: new RegExp(`^${source}$`) }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
