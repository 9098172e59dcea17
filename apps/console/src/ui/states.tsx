import type { AdminScope } from '@permitry/admin-api'
import type { ReactNode } from 'react'
import { isProblem } from '../api/admin.ts'
import { signIn } from '../api/base.ts'
import { may, useSession } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Notice } from './page.tsx'

/** What is there instead of content: nothing yet, nothing found, nothing allowed. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-start gap-2 rounded-2xl border border-dashed border-line px-5 py-8">
      <p className="font-[650]">{title}</p>
      {children !== undefined && <p className="max-w-prose text-muted text-pretty">{children}</p>}
      {action}
    </div>
  )
}

export function Loading() {
  return (
    <div role="status" className="grid gap-3 rounded-2xl border border-line bg-card p-5">
      <span className="sr-only">{texts.loading}</span>
      {[40, 64, 52].map((width) => (
        <span
          key={width}
          style={{ width: `${width}%` }}
          className="h-4 animate-pulse rounded bg-line motion-reduce:animate-none"
        />
      ))}
    </div>
  )
}

/** Shows why something failed, and the way on where there is one. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  if (isProblem(error, 'insufficient_user_authentication')) return <FreshLogin />
  if (isProblem(error, 'insufficient_scope') || isProblem(error, 'forbidden'))
    return (
      <Notice tone="caution" role="alert" title={error.problem.title}>
        {error.problem.detail !== undefined && <p>{error.problem.detail}</p>}
      </Notice>
    )
  const detail = error instanceof TypeError ? texts.failed.offline : error instanceof Error ? error.message : ''
  return (
    <Notice tone="danger" role="alert" title={texts.failed.title}>
      <p>{detail}</p>
      {retry && (
        <div>
          <Button onClick={retry}>{texts.failed.again}</Button>
        </div>
      )}
    </Notice>
  )
}

/** A password again, because somebody else may have sat down at this screen (RFC 9470). */
function FreshLogin() {
  return (
    <Notice tone="caution" role="alert" title={texts.fresh.title}>
      <p>{texts.fresh.what}</p>
      <div>
        <Button onClick={() => signIn(900)}>{texts.fresh.button}</Button>
      </div>
    </Notice>
  )
}

/** Draws a page only for whom the API would answer it; the others read what is missing. */
export function Needs({ scope, children }: { scope: AdminScope; children: ReactNode }) {
  return may(useSession(), scope) ? children : <Empty title={texts.noAccess.title}>{texts.noAccess.what(scope)}</Empty>
}
