import { err, ok, type Result } from './result.ts'

/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case: schemes are case-insensitive. */
  readonly scheme: string
  /** The value of schemes such as Negotiate that have no parameters. */
  readonly token68: string | undefined
  /** By lower-case name; a Map, so that a parameter called `__proto__` is only a name. */
  readonly parameters: ReadonlyMap<string, string>
}

// Sticky expressions of RFC 9110 §5.6 and §11.2; none can backtrack over more than what it just read.
const SCHEME = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const PARAMETER_NAME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*/y
const TOKEN_VALUE = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const QUOTED_VALUE = /"((?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*)"/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const SPACES = /[ \t]+/y
const COMMAS = /[ \t]*,[ \t,]*/y

/**
 * Parses a `WWW-Authenticate` value with any number of challenges, RFC 9110 §11.6.1. Join several header lines by
 * commas first. Fails as a whole on the first fault and on a repeated parameter: half a challenge must not be acted on.
 */
export function parseChallenges(header: string): Result<readonly Challenge[]> {
  const text = header.trim()
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  const takeValue = (): string | undefined =>
    take(QUOTED_VALUE)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? take(TOKEN_VALUE)?.[0]
  const malformed = (): Result<never> => err(`the challenge is malformed at character ${at + 1}`)

  const challenges: Challenge[] = []
  take(COMMAS)
  while (at < text.length) {
    const scheme = take(SCHEME)
    if (scheme === null) return malformed()
    const parameters = new Map<string, string>()
    const token68 = take(SPACES) === null ? undefined : take(TOKEN68)?.[0]
    let separated = take(COMMAS) !== null
    // A comma ends a parameter or the challenge: the parameter list goes on as long as `name =` follows.
    for (
      let name = separated ? null : take(PARAMETER_NAME);
      name !== null;
      name = separated ? take(PARAMETER_NAME) : null
    ) {
      const key = name[1]!.toLowerCase()
      const value = takeValue()
      if (value === undefined || parameters.has(key)) return malformed()
      parameters.set(key, value)
      separated = take(COMMAS) !== null
    }
    challenges.push({ scheme: scheme[0].toLowerCase(), token68, parameters })
    if (!separated && at < text.length) return malformed()
  }
  return ok(challenges)
}
