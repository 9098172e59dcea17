import type { ReactNode } from 'react'
import { texts } from '../texts.ts'
import { Code } from '../ui/page.tsx'

/** The permissions of a role as a tree: MCP servers, and below each its scopes. */
export function PermissionTree({ scopes }: { scopes: Readonly<Record<string, readonly string[]>> }) {
  const servers = Object.entries(scopes).filter(([, held]) => held.length > 0)
  if (servers.length === 0) return <p className="px-4 py-4 text-muted md:px-5">{texts.roles.nothing}</p>
  return (
    <ul className="grid gap-4 px-4 py-4 md:px-5">
      {servers.map(([server, held]) => (
        <li key={server}>
          <ServerName id={server} />
          <ul className="mt-1 ms-2 border-s border-line">
            {held.map((scope) => (
              <Branch key={scope}>
                <code className="font-mono text-[0.8125rem]">{scope}</code>
              </Branch>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  )
}

/** The admin API is kept as an MCP server, and people know it by another name. */
export function ServerName({ id }: { id: string }) {
  return (
    <p className="flex flex-wrap items-baseline gap-x-2">
      <span className="font-[650]">{id === 'permitry' ? texts.roles.administration : id}</span>
      {id === 'permitry' && <Code>{id}</Code>}
    </p>
  )
}

function Branch({ children }: { children: ReactNode }) {
  return (
    <li className="flex items-center gap-2 py-0.5 before:h-px before:w-4 before:shrink-0 before:bg-line">{children}</li>
  )
}
