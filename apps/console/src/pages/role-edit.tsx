import { AdminError } from '@permitry/admin-api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { admin, isProblem } from '../api/admin.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Area, Field } from '../ui/field.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Card, Notice, Page } from '../ui/page.tsx'
import { Failure, Loading, Needs } from '../ui/states.tsx'
import { PermissionTree } from './permission-tree.tsx'
import { bodyOf, draftOf, EMPTY_DRAFT, keptDrafts, type RoleDraft } from './role-draft.ts'
import { type Role, roleQuery } from './role-queries.ts'
import { ScopeChoices } from './scope-choices.tsx'

const t = texts.roles

export function RoleNewPage() {
  return (
    <Needs scope="roles:write">
      <RoleForm title={t.createTitle} start={EMPTY_DRAFT} />
    </Needs>
  )
}

export function RoleEditPage() {
  const { id } = useParams({ from: '/roles/$id/edit' })
  return (
    <Needs scope="roles:write">
      <Edit key={id} id={id} />
    </Needs>
  )
}

function Edit({ id }: { id: string }) {
  // Read once: a role that changes behind the form must be met by its version, not by a form that changes by itself.
  const role = useQuery({ ...roleQuery(id), staleTime: Infinity, refetchOnMount: 'always' })
  if (role.isError) return <Failure error={role.error} retry={() => void role.refetch()} />
  if (role.isPending || role.isFetching) return <Loading />
  const { value, etag = '' } = role.data
  return <RoleForm title={t.editTitle(value.name)} start={draftOf(value)} etag={etag} />
}

interface RoleFormProps {
  title: string
  start: RoleDraft
  /** The version that is edited; none for a role that is made. */
  etag?: string
}

function RoleForm({ title, start, etag }: RoleFormProps) {
  const key = etag === undefined ? 'new role' : `role ${start.id}`
  const [kept] = useState(() => keptDrafts.take(key))
  const [draft, setDraft] = useState(kept ?? start)
  const [version, setVersion] = useState(etag)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const save = useMutation({
    mutationFn: async (over: string | undefined) =>
      admin.call('roles.put', {
        params: { id: draft.id },
        body: bodyOf(draft),
        ...(over === undefined ? { ifNoneMatch: '*' } : { ifMatch: over }),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['roles'] })
      await navigate({ to: '/roles/$id', params: { id: draft.id } })
    },
    onError: (error) => {
      // The way to the sign-in leaves this page: what was written waits in this tab.
      if (isProblem(error, 'insufficient_user_authentication')) keptDrafts.keep(key, draft)
    },
  })
  const isConflict = isProblem(save.error, 'changed_meanwhile') && version !== undefined
  const idIsTaken = isProblem(save.error, 'changed_meanwhile') && version === undefined
  const faults = faultsOf(save.error)
  return (
    <Page title={title}>
      {kept && (
        <Notice tone="good" role="status">
          <p>{t.draft}</p>
        </Notice>
      )}
      {isConflict && (
        <Conflict
          draft={draft}
          onTake={(role, theirs) => {
            setDraft(draftOf(role))
            setVersion(theirs)
            save.reset()
          }}
          onOverwrite={(theirs) => {
            setVersion(theirs)
            save.mutate(theirs)
          }}
        />
      )}
      <Card>
        <form
          className="grid gap-5 p-4 md:p-5"
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate(version)
          }}
        >
          {version === undefined && (
            <Field
              label={t.id}
              hint={t.idHint}
              fault={idIsTaken ? t.taken : faults.get('id')}
              value={draft.id}
              required
              spellCheck={false}
              onChange={(event) => setDraft({ ...draft, id: event.target.value.trim() })}
            />
          )}
          <Field
            label={t.nameLabel}
            fault={faults.get('#/name')}
            value={draft.name}
            required
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
          <Area
            label={t.description}
            fault={faults.get('#/description')}
            value={draft.description}
            onChange={(event) => setDraft({ ...draft, description: event.target.value })}
          />
          <ScopeChoices draft={draft} onChange={setDraft} />
          {save.isError && !isConflict && !idIsTaken && <Failure error={save.error} />}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="solid" disabled={save.isPending}>
              {save.isPending ? texts.saving : texts.save}
            </Button>
            {version === undefined ? (
              <LinkButton to="/roles">{texts.cancel}</LinkButton>
            ) : (
              <LinkButton to="/roles/$id" params={{ id: draft.id }}>
                {texts.cancel}
              </LinkButton>
            )}
          </div>
        </form>
      </Card>
    </Page>
  )
}

/** What the API found wrong, by the field that it points at. */
function faultsOf(error: unknown): ReadonlyMap<string, string> {
  const errors = error instanceof AdminError ? (error.problem.errors ?? []) : []
  return new Map(errors.map(({ pointer, parameter, detail }) => [pointer ?? parameter ?? '', detail]))
}

interface ConflictProps {
  draft: RoleDraft
  onTake: (role: Role, etag: string) => void
  onOverwrite: (etag: string) => void
}

/** Two people edited one role: both versions side by side, and nothing is lost without a decision. */
function Conflict({ draft, onTake, onOverwrite }: ConflictProps) {
  const theirs = useQuery({ ...roleQuery(draft.id), queryKey: ['roles', draft.id, 'theirs'], staleTime: 0, gcTime: 0 })
  return (
    <Notice tone="caution" role="alert" title={t.conflict.title}>
      <p>{t.conflict.what}</p>
      {theirs.isError && <Failure error={theirs.error} />}
      {theirs.isSuccess && (
        <>
          <div className="grid gap-4 text-ink md:grid-cols-2">
            {[[t.conflict.theirs, draftOf(theirs.data.value)] as const, [t.conflict.yours, draft] as const].map(
              ([title, role]) => (
                <Card key={title} title={`${title}: ${role.name}`}>
                  <PermissionTree scopes={role.scopes} />
                </Card>
              ),
            )}
          </div>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => onTake(theirs.data.value, theirs.data.etag ?? '')}>{t.conflict.take}</Button>
            <Button look="danger" onClick={() => onOverwrite(theirs.data.etag ?? '')}>
              {t.conflict.overwrite}
            </Button>
          </div>
        </>
      )}
    </Notice>
  )
}
