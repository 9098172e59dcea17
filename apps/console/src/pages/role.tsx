import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { Pencil, Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { admin, isProblem } from '../api/admin.ts'
import { useReason } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Card, Code, Notice, Page } from '../ui/page.tsx'
import { Empty, Failure, Loading, Needs } from '../ui/states.tsx'
import { PermissionTree } from './permission-tree.tsx'
import { GiveRole, Holders } from './role-holders.tsx'
import { roleQuery } from './role-queries.ts'

const t = texts.roles

export function RolePage() {
  const { id } = useParams({ from: '/roles/$id' })
  return (
    <Needs scope="roles:read">
      <Role key={id} id={id} />
    </Needs>
  )
}

function Role({ id }: { id: string }) {
  const missing = useReason('roles:write')
  const role = useQuery(roleQuery(id))
  const [open, setOpen] = useState<'give' | 'remove'>()
  if (role.isPending) return <Loading />
  if (isProblem(role.error, 'not_found')) return <Empty title={texts.gone.title}>{texts.gone.what}</Empty>
  if (role.isError) return <Failure error={role.error} retry={() => void role.refetch()} />
  const { value, etag = '' } = role.data
  const actions = (
    <>
      <Button look="solid" missing={missing} onClick={() => setOpen('give')}>
        <UserPlus size={16} aria-hidden="true" />
        {t.give}
      </Button>
      {!value.built_in && missing === undefined && (
        <>
          <LinkButton to="/roles/$id/edit" params={{ id }}>
            <Pencil size={16} aria-hidden="true" />
            {t.edit}
          </LinkButton>
          <Button look="danger" onClick={() => setOpen('remove')}>
            <Trash2 size={16} aria-hidden="true" />
            {t.remove}
          </Button>
        </>
      )}
    </>
  )
  return (
    <Page title={value.name} {...(value.description === '' ? {} : { lead: value.description })} actions={actions}>
      <p className="flex flex-wrap gap-2">
        <Code>{value.id}</Code>
      </p>
      {value.built_in && (
        <Notice tone="plain" role="status">
          <p>{t.builtInWhat}</p>
        </Notice>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Card title={t.permissions}>
          <PermissionTree scopes={value.scopes} />
        </Card>
        <Card title={t.holders}>
          <Holders role={value} />
        </Card>
      </div>
      {open === 'give' && <GiveRole role={value} onClose={() => setOpen(undefined)} />}
      {open === 'remove' && <RemoveRole id={id} name={value.name} etag={etag} onClose={() => setOpen(undefined)} />}
    </Page>
  )
}

function RemoveRole({ id, name, etag, onClose }: { id: string; name: string; etag: string; onClose: () => void }) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const removal = useMutation({
    mutationFn: async () => admin.call('roles.delete', { params: { id }, ifMatch: etag }),
    onSuccess: async () => {
      await navigate({ to: '/roles' })
      queries.removeQueries({ queryKey: ['roles', id] })
      await queries.invalidateQueries({ queryKey: ['roles'] })
    },
  })
  return (
    <Confirm title={t.removeTitle(name)} what={t.removeWhat} action={t.remove} change={removal} onClose={onClose} />
  )
}
