/**
 * The `for` values of a Forwarded header (RFC 7239 §4), leftmost first; an element without one is an empty string. A
 * header that breaks the grammar yields no hops at all: an unclosed quote from the client would otherwise swallow what
 * the proxy appended behind it.
 */
export function forwardedFor(header: string): readonly string[] {
  const hops: string[] = []
  let rest = header
  for (;;) {
    const element = ELEMENT.exec(rest)
    if (!element) return []
    hops.push(forOf(element[0]))
    rest = rest.slice(element[0].length)
    if (rest === '') return hops
    if (!rest.startsWith(',')) return []
    rest = rest.slice(1)
  }
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`
const PAIR = String.raw`(?:${TOKEN}=(?:${TOKEN}|${QUOTED}))`
const ELEMENT = new RegExp(String.raw`^[ \t]*${PAIR}?(?:[ \t]*;[ \t]*${PAIR}?)*[ \t]*`)

function forOf(element: string): string {
  const values = [...element.matchAll(new RegExp(`(${TOKEN})=(?:(${TOKEN})|(${QUOTED}))`, 'g'))]
    .filter(([, name = '']) => name.toLowerCase() === 'for')
    .map(([, , token, quoted = '']) => token ?? quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1'))
  // Twice in one element is not allowed, so neither value counts.
  return values.length === 1 ? (values[0] ?? '') : ''
}
