import { ADMIN_SCOPES } from '@permitry/admin-api'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { admin } from '../api/admin.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ServerName } from './permission-tree.tsx'
import { type RoleDraft, withScope } from './role-draft.ts'

const t = texts.roles

/** Every scope that a role holds today, by MCP server: with the draft's own they are what is offered to tick. */
function useKnownScopes(draft: RoleDraft): ReadonlyMap<string, readonly string[]> {
  const roles = useQuery({
    queryKey: ['roles', 'scopes'],
    queryFn: async () => (await admin.call('roles.list', { query: { limit: 200 } })).value.items,
  })
  const known = new Map<string, Set<string>>()
  const add = (server: string, scopes: readonly string[]) =>
    known.set(server, new Set([...(known.get(server) ?? []), ...scopes]))
  for (const role of [draft, ...(roles.data ?? [])])
    for (const [server, scopes] of Object.entries(role.scopes)) if (server !== 'permitry') add(server, scopes)
  add('permitry', ADMIN_SCOPES)
  return new Map([...known].map(([server, scopes]) => [server, [...scopes].toSorted()]))
}

/** The tree of permissions with a box at each scope. */
export function ScopeChoices({ draft, onChange }: { draft: RoleDraft; onChange: (draft: RoleDraft) => void }) {
  const known = useKnownScopes(draft)
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-2 font-semibold">{t.permissions}</legend>
      {[...known].map(([server, scopes]) => (
        <div key={server}>
          <ServerName id={server} />
          <ul className="mt-1 grid gap-x-4 sm:grid-cols-2">
            {scopes.map((scope) => (
              <li key={scope}>
                <label className="flex min-h-11 items-center gap-2.5 md:min-h-8">
                  <input
                    type="checkbox"
                    className="size-5 shrink-0 accent-accent"
                    checked={draft.scopes[server]?.includes(scope) ?? false}
                    onChange={(event) => onChange(withScope(draft, server, scope, event.target.checked))}
                  />
                  <code className="font-mono text-[0.8125rem]">{scope}</code>
                </label>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <OtherScope onAdd={(server, scope) => onChange(withScope(draft, server, scope, true))} />
    </fieldset>
  )
}

/** A scope that no role holds yet. Whether it exists, the API says when the role is saved. */
function OtherScope({ onAdd }: { onAdd: (server: string, scope: string) => void }) {
  const [server, setServer] = useState('')
  const [scope, setScope] = useState('')
  return (
    <details>
      <summary className="min-h-11 py-2 font-semibold text-accent md:min-h-9">{t.other}</summary>
      <div className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
        <Field label={t.otherServer} value={server} onChange={(event) => setServer(event.target.value.trim())} />
        <Field label={t.otherScope} value={scope} onChange={(event) => setScope(event.target.value.trim())} />
        <Button
          disabled={server === '' || scope === ''}
          onClick={() => {
            onAdd(server, scope)
            setScope('')
          }}
        >
          {t.addScope}
        </Button>
      </div>
    </details>
  )
}
