import { err, ok, type Result } from './result.ts'

/** Deeper documents have no use here, and recursion over them would end in a stack overflow. */
const MAX_DEPTH = 64

/**
 * Parses JSON, and refuses what two parsers could read differently or what is harmful to copy: an object with one key
 * twice (RFC 8259 §4: "the behavior of software that receives such an object is unpredictable"), and `__proto__`.
 */
export function parseStrictJson(text: string): Result<unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err('the body is not JSON')
  }
  const fault = checkKeys(text)
  return fault === undefined ? ok(value) : err(fault)
}

/** Walks a text that is known to be JSON, where a string before a colon is a key of the innermost object. */
function checkKeys(text: string): string | undefined {
  const open: Set<string>[] = []
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '{':
        open.push(new Set())
        if (++depth > MAX_DEPTH) return 'the body is nested too deeply'
        break
      case '[':
        if (++depth > MAX_DEPTH) return 'the body is nested too deeply'
        break
      case '}':
        open.pop()
        depth--
        break
      case ']':
        depth--
        break
      case '"': {
        const end = endOfString(text, at)
        if (isBeforeColon(text, end)) {
          const written = text.slice(at, end)
          // Escapes are resolved first: `"a"` and `"\u0061"` are one key.
          const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1)
          if (key === '__proto__') return 'the body has a key `__proto__`'
          if (open.at(-1)?.has(key)) return 'the body has a key twice in one object'
          open.at(-1)?.add(key)
        }
        at = end - 1
      }
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isBeforeColon(text: string, end: number): boolean {
  let at = end
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}
