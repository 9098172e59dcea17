// Checks of the guard and of its decisions, each with the edit that takes it out. They are steps of a pipeline rather than rows of
// a table, so they are listed here; a test holds the list against the sources.
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type { Mutant } from './mutants.ts'

type Edit = readonly [check: string, source: string, from: string, to: string]

const packages = join(import.meta.dirname, '../../../packages')

/** The checks of one file; their suites are those whose names begin with `mcp`. */
function checksOf(file: string, edits: readonly Edit[]): Mutant[] {
  const module = pathToFileURL(join(packages, file)).href
  const [, table = ''] = /([a-z-]+)\.ts$/.exec(file) ?? []
  return edits.map(([row, source, from, to]) => ({ module, room: 'mcp', table, row, source, edit: { from, to } }))
}

export const guardMutants: readonly Mutant[] = [
  ...checksOf('guard/src/credentials.ts', [
    ['compact', 'RFC 7515 §3.1', 'return COMPACT.test(token)', 'return true'],
    ['one-method', 'RFC 6750 §3.1', "if (inQuery) return { kind: 'two_methods' }", ''],
  ]),
  ...checksOf('guard/src/authenticate.ts', [
    ['scheme', 'RFC 9449 §7.1', "if ((cnf !== undefined) !== (scheme === 'DPoP')) return", 'if (false) return'],
    [
      'proof',
      'RFC 9449 §7.1',
      'const failure = cnf && (await proofs.check(request, token, cnf.jkt))',
      'const failure = undefined',
    ],
  ]),
  ...checksOf('guard/src/issuer/proofs.ts', [
    ['bound-key', 'RFC 9449 §6', "if (checked.value.jkt !== jkt) return 'key'", ''],
    [
      'once',
      'RFC 9449 §11.1',
      "(await dpop.replays.spend({ jkt, jti, expiresAt })) ? undefined : 'replayed'",
      'undefined',
    ],
    ['nonce', 'RFC 9449 §9', 'needsNonce: nonces !== undefined', 'needsNonce: false'],
  ]),
  ...checksOf('guard/src/issuer/jwt.ts', [
    ['type', 'RFC 9068 §4', "typ: 'at+jwt',", ''],
    ['crit', 'RFC 7515 §4.1.11', 'if (protectedHeader.crit !== undefined) return undefined', ''],
    [
      'required-claims',
      'RFC 9068 §2.2',
      "requiredClaims: ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'],",
      '',
    ],
    ['expiry', 'RFC 9068 §4', 'clockTolerance: CLOCK_TOLERANCE_SECONDS', 'clockTolerance: 1e9'],
  ]),
  ...checksOf('guard/src/issuer/claims.ts', [
    ['audience', 'RFC 9068 §4', 'if (!audiences.some(', 'if (false && !audiences.some('],
    ['scope-syntax', 'RFC 6749 §3.3', 'if (!parsed?.ok || ', 'if (!parsed || !parsed.ok && false || '],
  ]),
  ...checksOf('guard/src/read-post.ts', [
    ['content-type', 'MCP Transports', 'if (!/^application', 'if (false && !/^application'],
    ['body-size', 'MCP Transports', 'readBody(request, maxBodyBytes)', 'readBody(request, Infinity)'],
  ]),
  ...checksOf('oauth/src/json.ts', [
    ['key-twice', 'RFC 8259 §4', "if (open.at(-1)?.has(key)) return 'the body has a key twice in one object'", ''],
    ['escaped-key', 'RFC 8259 §7', "written.includes('\\\\') ? String(JSON.parse(written)) : ", ''],
  ]),
  ...checksOf('guard/src/era.ts', [
    ['version-header', 'MCP Transports', 'if (header !== claimed) return', 'if (false) return'],
    ['method-header', 'MCP Transports', 'if (method !== null && method !== message.method) {', 'if (false) {'],
    [
      'method-missing',
      'MCP Transports',
      "if (method === null && message.kind === 'request') return",
      'if (false) return',
    ],
    ['name-header', 'MCP Transports', 'if (decodeHeader(header) !== named) return', 'if (false) return'],
    [
      'name-missing',
      'MCP Transports',
      "if (header === null) return mismatch('`Mcp-Name` is missing')",
      "if (header === null) return ok('modern')",
    ],
  ]),
  ...checksOf('guard/src/owned.ts', [
    ['owner', 'MCP 2025-11-25', 'if (entry?.owner !== ownerOf(principal))', 'if (entry === undefined)'],
    ['client', 'MCP 2025-11-25', 'return JSON.stringify([iss, sub, client_id])', 'return JSON.stringify([iss, sub])'],
  ]),
  ...checksOf('guard/src/cors.ts', [
    [
      'origin',
      'MCP Transports, Security',
      "return hostname === own || (isLoopback(own) && isLoopback(hostname)) ? 'allowed' : 'refused'",
      "return 'allowed'",
    ],
    ['rebinding', 'MCP Transports, Security', 'if (!loopback) return false', 'return false'],
  ]),
  ...checksOf('guard/src/operation.ts', [
    [
      'unknown-method',
      'MCP Base',
      "    default:\n      return { kind: 'unknown_method' }",
      "    default:\n      return { kind: 'open' }",
    ],
  ]),
  ...checksOf('guard/src/list-filter.ts', [
    [
      'visible',
      'design: a tool call',
      'return isVisible(decideListed({ type, id, name }, method, caller, settings))',
      'return true',
    ],
    ['private', 'MCP Caching', "...(era === 'modern' && PRIVATE)", ''],
  ]),
  ...checksOf('policy/src/decide.ts', [
    [
      'no-rule',
      'design: a tool call',
      "if (rule === undefined) return { outcome: 'never', reasons: ['rule_missing'], answer: 'hide', missing: [] }",
      "if (rule === undefined) return { outcome: 'allow', reasons: ['allowed'] }",
    ],
    ['scopes', 'RFC 6750 §3.1', "  ['scopes', checkScopes],\n", ''],
    ['login', 'RFC 9470', "  ['login', checkLogin],\n", ''],
    ['arguments', 'design: a tool call', "  ['arguments', checkArguments],\n", ''],
    ['object', 'design: a tool call', "  ['object', checkObject],\n", ''],
    ['entitlements', 'design: the wire', 'if (beyond.length === 0) return', 'if (true) return'],
  ]),
]
