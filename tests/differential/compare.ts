import { cases } from './cases.ts'
import { reasons } from './differences.ts'
import { oidcProvider, permitry, type Side } from './sides.ts'

export interface Compared {
  readonly name: string
  readonly ours: string
  readonly theirs: string
}

/** Both servers, case by case, and then their metadata member by member; addresses are not compared. */
export async function compare(): Promise<readonly Compared[]> {
  const sides = [await permitry(), await oidcProvider()] as const
  try {
    const compared: Compared[] = []
    for (const [name, ask] of cases) compared.push({ name, ours: await ask(sides[0]), theirs: await ask(sides[1]) })
    return [...compared, ...compareMetadata(...sides)]
  } finally {
    for (const side of sides) await side.close()
  }
}

function compareMetadata(ours: Side, theirs: Side): readonly Compared[] {
  const names = new Set([...Object.keys(ours.metadata), ...Object.keys(theirs.metadata)])
  const say = (side: Side, name: string): string => {
    const value = side.metadata[name]
    if (value === undefined) return 'left out'
    if (Array.isArray(value))
      return value.map((one) => (name === 'protected_resources' ? 'our MCP server' : String(one))).join(' ')
    return name === 'issuer' || /_(endpoint|uri)$/.test(name) ? 'an address' : JSON.stringify(value)
  }
  return [...names]
    .toSorted()
    .map((name) => ({ name: `metadata: ${name}`, ours: say(ours, name), theirs: say(theirs, name) }))
}

/** The table of docs/reference/differences.md. */
export function toPage(compared: readonly Compared[]): string {
  const same = compared.filter(({ ours, theirs }) => ours === theirs)
  const rows = compared.filter(({ ours, theirs }) => ours !== theirs)
  return `# Where we differ from another authorization server

The same requests go to Permitry and to \`oidc-provider\` 9.13.3, a certified library, set up as much like it as its options allow. Of
${compared.length} comparisons ${same.length} are equal: status, error code, challenge, where the browser is sent and with which parameters, and members of the metadata.
These are not, each with its reason. Made by \`npm run differences\`; \`npm test\` fails when it is not up to date.

| what | Permitry | oidc-provider | why |
| --- | --- | --- | --- |
${rows.map(({ name, ours, theirs }) => `| ${name} | ${ours} | ${theirs} | ${reasons[name] ?? '?'} |`).join('\n')}
`
}

export const PAGE = new URL('../../docs/reference/differences.md', import.meta.url)
