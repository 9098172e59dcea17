import type { Config } from '@permitry/server'

/** The lines that put the guard in front of an MCP server in TypeScript. */
export function guardLines(issuer: string, url: string, server: Config['servers'][number]): string {
  const tools = server.tools.map(({ name, scopes }) => `    ${key(name)}: ${rule(scopes)},`)
  const implied = server.scopes.filter(({ implies }) => implies.length > 0)
  return [
    "import { guard } from '@permitry/guard'",
    '',
    'const protect = guard({',
    `  issuer: ${text(issuer)},`,
    `  resource: ${text(url)},`,
    ...(url === server.identifier ? [] : [`  names: [${text(server.identifier)}],`]),
    `  defaultScopes: ${list(server.default_scopes)},`,
    ...(implied.length > 0
      ? [
          `  scopes: { ${implied.map(({ name, implies }) => `${text(name)}: { implies: ${list(implies)} }`).join(', ')} },`,
        ]
      : []),
    '  tools: {',
    ...tools,
    '  },',
    '})',
    'export const handle = protect(handler) // takes a Request, gives a Response',
  ].join('\n')
}

const rule = (scopes: readonly string[]): string => (scopes.length === 1 ? text(scopes[0] ?? '') : list(scopes))
const list = (items: readonly string[]): string => `[${items.map(text).join(', ')}]`
const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name))
/** JSON is JavaScript; single quotes are only how this looks in the documentation. */
const text = (value: string): string => (/^[\w:/.@~+-]*$/.test(value) ? `'${value}'` : JSON.stringify(value))
