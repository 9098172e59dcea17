import { type Config, formatLines, linesFor } from '@permitry/server'
import { printable } from '../table.ts'
import { guardLines } from './guard-lines.ts'
import { TESTER } from './proposal.ts'

export interface Summary {
  readonly issuer: string
  readonly config: Config
  /** Of the test person, when it was made just now. */
  readonly password: string | undefined
  readonly notes: readonly string[]
  readonly file: string
}

/** What a person reads when `dev` is ready: what was found, how to sign in, what to paste. */
export function formatSummary({ issuer, config, password, notes, file }: Summary): string {
  const signIn =
    password === undefined
      ? `as ${TESTER.username}, with the password that the first start printed\n  (another one: PERMITRY_DATA_DIR=.permitry-dev permitry user password ${TESTER.username})`
      : `as ${TESTER.username} with the password ${password} (this is the only time that it is shown)`
  return [
    `Permitry runs at ${issuer} for this machine only. Stop it with Ctrl-C; its data is in .permitry-dev.`,
    ...notes.map((note) => `note: ${printable(note)}`),
    '',
    `Sign in ${signIn}.`,
    ...config.servers.flatMap((server) => formatServer(issuer, server, file)),
    ...(config.servers.length === 0 ? ['', `No MCP server yet: start again with --server URL, or edit ${file}.`] : []),
  ].join('\n')
}

function formatServer(issuer: string, server: Config['servers'][number], file: string): string[] {
  const url = [...server.urls, server.identifier].find((name) => /^https?:/i.test(name))
  const scopes = server.scopes.map(({ name, risk }) => {
    const tools = server.tools.filter((tool) => tool.scopes.includes(name)).map((tool) => tool.name)
    return `  ${name} (${risk}): ${tools.join(', ') || 'no tool that was seen'}`
  })
  return [
    '',
    `── ${server.id}, as ${file} has it`,
    ...scopes,
    ...(url === undefined
      ? [`  It has no URL: write one under \`urls\`.`]
      : ['', guardLines(issuer, url, server), '', formatLines(linesFor({ name: server.id, url }))]),
  ]
}
