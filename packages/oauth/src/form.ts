import { err, ok, type Result } from './result.ts'

/** Parameters of a query string or a form body. Names and values are attacker-controlled. */
export interface Form {
  /** The value of each parameter that was sent once. One that was sent twice is in `repeated` instead: neither value counts. */
  readonly values: Readonly<Record<string, string>>
  /** The values of each repeatable parameter in order; an empty list when it was not sent. */
  readonly lists: Readonly<Record<string, readonly string[]>>
  /** The names that were sent more than once and may not be: an error in OAuth (RFC 6749 §3.1 and §3.2). */
  readonly repeated: readonly string[]
}

/** What `parseForm` accepts. */
export interface FormOptions {
  /** Names that may be sent more than once, such as `resource` (RFC 8707 §2). */
  readonly repeatable?: readonly string[]
  readonly maxCharacters?: number
  readonly maxParameters?: number
}

/**
 * Parses `application/x-www-form-urlencoded` text: a body, or a query string without its question mark. A parameter
 * without a value counts as not sent (RFC 6749 §3.1), but still as one sending. Malformed percent-encoding and bytes
 * that are no UTF-8 are refused rather than repaired, and so is NUL, which no parameter may have (RFC 6749 appendix A) and
 * no PostgreSQL takes.
 */
export function parseForm(text: string, options: FormOptions = {}): Result<Form> {
  const { repeatable = [], maxCharacters = 65_536, maxParameters = 100 } = options
  if (text.length > maxCharacters) return err(`the parameters are longer than ${maxCharacters} characters`)
  const pairs = text.split('&').filter((pair) => pair !== '')
  if (pairs.length > maxParameters) return err(`there are more than ${maxParameters} parameters`)

  const sent = new Map<string, string[]>()
  for (const pair of pairs) {
    const cut = pair.indexOf('=')
    const name = decode(cut === -1 ? pair : pair.slice(0, cut))
    const value = decode(cut === -1 ? '' : pair.slice(cut + 1))
    if (name === undefined || value === undefined) return err('a parameter is not form-urlencoded UTF-8')
    if (name.includes('\0') || value.includes('\0')) return err('a parameter has a NUL')
    sent.set(name, [...(sent.get(name) ?? []), value])
  }

  // Null prototypes: a parameter called `__proto__` or `constructor` is only a name.
  const values = Object.create(null) as Record<string, string>
  const lists = Object.create(null) as Record<string, readonly string[]>
  const repeated: string[] = []
  for (const name of repeatable) lists[name] = Object.freeze(sent.get(name)?.filter((value) => value !== '') ?? [])
  for (const [name, [value = '', ...more]] of sent) {
    if (repeatable.includes(name)) continue
    if (more.length > 0) repeated.push(name)
    else if (value !== '') values[name] = value
  }
  return ok(
    Object.freeze({ values: Object.freeze(values), lists: Object.freeze(lists), repeated: Object.freeze(repeated) }),
  )
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
