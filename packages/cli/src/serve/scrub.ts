/** What must never reach a log, whoever put it into a message: RFC 6819 §4.6.7 and whoever reads logs. */
const SECRETS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(Bearer|DPoP|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]'],
  [/\$argon2\w*\$[\w$=,+/]+/g, '[redacted]'],
  [/\bpostgres(ql)?:\/\/[^@\s]*@/gi, 'postgres://[redacted]@'],
  [
    /\b(code|state|token|password|secret|cookie|session|\w+_(?:token|secret|password|verifier|hint|code))(["']?\s*=\s*["']?|["']?\s*:\s*["'])[^&\s"']+/gi,
    '$1$2[redacted]',
  ],
  // 256 random bits in base64url, as codes, refresh tokens, cookies and client secrets are.
  [/[\w-]{43,}/g, '[redacted]'],
]

/** Takes tokens, codes, passwords and cookies out of a text that is about to be logged. */
export function scrub(text: string): string {
  return SECRETS.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text)
}
