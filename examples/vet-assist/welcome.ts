/** The people of permitry.yaml with their passwords, which exist in this example only. */
export const PEOPLE = [
  ['bob', 'bob-vet-demo', 'Pet Owner of Fido and Bella'],
  ['carol', 'carol-vet-demo', 'Pet Owner of Misty'],
  ['dana', 'dana-vet-demo', 'Vet Staff'],
  ['admin', 'admin-vet-demo', 'owner at the authorization server (/console), no role at the clinic'],
] as const

type Places = { issuer: string; mcpUrl: string; appUrl: string; logs: string }

/** What a person reads once everything runs. */
export function welcome({ issuer, mcpUrl, appUrl, logs }: Places): string {
  const people = PEOPLE.map(([name, password, role]) => `  ${name.padEnd(8)}${password.padEnd(18)}${role}`)
  return `
Permitry and the vet clinic are running.

  Vet Assist AI          ${appUrl}   open this in a browser
  authorization server   ${issuer}
  MCP server             ${mcpUrl}   (also known as mcp://vetassist)
  client id              vet-assist-dev   (any MCP client on this machine, redirect to /callback on any port)

${people.join('\n')}

  logs: ${logs}    Ctrl-C ends everything, \`npm run reset\` starts over
`
}
