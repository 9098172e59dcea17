import type { Operations, ResponseOf } from '@permitry/admin-api'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { admin } from '../api/admin.ts'
import { useReason } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { List, usePages } from '../ui/list.tsx'
import { Code, Tag } from '../ui/page.tsx'
import { Failure } from '../ui/states.tsx'
import type { Role } from './role-queries.ts'

const t = texts.roles

type Holder = ResponseOf<Operations['roles.holders']>['items'][number]

/** Who holds a role directly, a page at a time. */
export function Holders({ role }: { role: Role }) {
  const missing = useReason('roles:write')
  const [leaving, setLeaving] = useState<Holder>()
  const holders = usePages(['roles', role.id, 'holders'], async (query) => {
    const { value } = await admin.call('roles.holders', { params: { id: role.id }, query })
    return value
  })
  return (
    <div className="p-2">
      <List query={holders} label={t.holders} empty={<p className="px-2 py-2 text-muted md:px-3">{t.nobody}</p>}>
        {(holder) => (
          <li key={`${holder.kind} ${holder.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2">
            <span className="grid min-w-0 flex-1">
              <span className="font-medium">{holder.name}</span>
              <Code>{holder.id}</Code>
            </span>
            <Tag>{t.kinds[holder.kind]}</Tag>
            {missing === undefined && (
              <Button aria-label={t.takeAwayLabel(holder.name)} onClick={() => setLeaving(holder)}>
                {t.take}
              </Button>
            )}
          </li>
        )}
      </List>
      {leaving && <TakeRole role={role} holder={leaving} onClose={() => setLeaving(undefined)} />}
    </div>
  )
}

const kindOf = (holder: Holder) => (holder.kind === 'group' ? 'group' : 'subject')

function TakeRole({ role, holder, onClose }: { role: Role; holder: Holder; onClose: () => void }) {
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: async () =>
      admin.call('roles.unassign', { params: { id: role.id, kind: kindOf(holder), holder: holder.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['roles', role.id, 'holders'] })
      onClose()
    },
  })
  return (
    <Confirm
      title={t.takeAway(role.name, holder.name)}
      what={t.takeWhat}
      action={t.take}
      change={change}
      onClose={onClose}
    />
  )
}

/** Gives a role to somebody whose id is known. */
export function GiveRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const queries = useQueryClient()
  const [kind, setKind] = useState<'subject' | 'group'>('subject')
  const [holder, setHolder] = useState('')
  const change = useMutation({
    mutationFn: async () => admin.call('roles.assign', { params: { id: role.id, kind, holder: holder.trim() } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['roles', role.id, 'holders'] })
      onClose()
    },
  })
  return (
    <Dialog title={t.giveTitle(role.name)} open onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
          <legend className="mb-1 font-semibold">{t.whom}</legend>
          {(['subject', 'group'] as const).map((one) => (
            <label key={one} className="flex min-h-11 items-center gap-2 md:min-h-9">
              <input
                type="radio"
                name="kind"
                className="size-5 accent-accent"
                checked={kind === one}
                onChange={() => setKind(one)}
              />
              {one === 'group' ? t.group : t.person}
            </label>
          ))}
        </fieldset>
        <Field label={t.holderId} value={holder} required onChange={(event) => setHolder(event.target.value)} />
        <p className="text-sm text-muted">{t.giveWhat}</p>
        {change.isError && <Failure error={change.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button type="submit" look="solid" disabled={change.isPending}>
            {change.isPending ? texts.saving : t.give}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
