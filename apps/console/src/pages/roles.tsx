import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { admin } from '../api/admin.ts'
import { useReason } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Search } from '../ui/field.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { List, usePages } from '../ui/list.tsx'
import { Code, Page, Tag } from '../ui/page.tsx'
import { Empty, Needs } from '../ui/states.tsx'
import { countScopes } from './role-queries.ts'

const t = texts.roles

export function RolesPage() {
  const missing = useReason('roles:write')
  const create = (
    <LinkButton to="/roles/new" look="solid" missing={missing}>
      <Plus size={16} aria-hidden="true" />
      {t.create}
    </LinkButton>
  )
  return (
    <Page title={t.title} lead={t.lead} actions={create}>
      <Needs scope="roles:read">
        <Roles />
      </Needs>
    </Page>
  )
}

function Roles() {
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const roles = usePages(['roles', 'list', q], async (cursor) => {
    const { value } = await admin.call('roles.list', { query: { ...(q === '' ? {} : { q }), ...cursor } })
    return value
  })
  return (
    <div className="grid gap-4">
      <Search label={texts.search} value={typed} onSearch={setTyped} />
      <List
        query={roles}
        label={t.title}
        empty={q === '' ? <Empty title={t.empty}>{t.emptyWhat}</Empty> : <Empty title={t.noMatch} />}
      >
        {(role) => (
          <li key={role.id}>
            <Link
              to="/roles/$id"
              params={{ id: role.id }}
              className="grid gap-x-6 gap-y-0.5 px-4 py-3 hover:bg-raised md:grid-cols-[minmax(0,1fr)_auto] md:items-center md:px-5"
            >
              <span className="flex flex-wrap items-center gap-x-2">
                <span className="font-[650]">{role.name}</span>
                <Code>{role.id}</Code>
              </span>
              <span className="flex flex-wrap items-center gap-2 md:row-span-2 md:justify-self-end">
                {role.built_in && <Tag>{t.builtIn}</Tag>}
                <Tag>{t.scopes(countScopes(role))}</Tag>
              </span>
              {role.description !== '' && <span className="text-sm text-muted">{role.description}</span>}
            </Link>
          </li>
        )}
      </List>
    </div>
  )
}
