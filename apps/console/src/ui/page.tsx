import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts.ts'

/** One page: its heading names it, for eyes, for the tab and for screen readers. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string
  lead?: string
  actions?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · ${texts.name}`
  }, [title])
  return (
    <div className="grid max-w-5xl gap-5">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1">
          <h1 className="text-2xl leading-tight font-[650] tracking-[-0.018em] text-balance">{title}</h1>
          {lead !== undefined && <p className="max-w-prose text-muted text-pretty">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-start gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export function Card({ title, actions, children }: { title?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="min-w-0 overflow-clip rounded-2xl border border-line bg-card">
      {title !== undefined && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-3 md:px-5">
          <h2 className="font-[650]">{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}

const tones = {
  plain: 'border-line text-muted',
  good: 'border-transparent bg-good-ground text-good',
  caution: 'border-transparent bg-caution-ground text-caution',
  danger: 'border-transparent bg-danger-ground text-danger',
} as const
export type Tone = keyof typeof tones

export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-block rounded-full border px-2 text-xs leading-relaxed font-[650] whitespace-nowrap ${tones[tone]}`}
    >
      {children}
    </span>
  )
}

/** Something to read before going on. `role` is `alert` for what went wrong, and `status` for what went well. */
export function Notice({
  tone,
  role,
  title,
  children,
}: {
  tone: Tone
  role: 'alert' | 'status'
  title?: string
  children: ReactNode
}) {
  return (
    <div role={role} className={`grid gap-2 rounded-xl border px-4 py-3 ${tones[tone]}`}>
      {title !== undefined && <p className="font-[650]">{title}</p>}
      {children}
    </div>
  )
}

/** An id as machines know it. */
export function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-[0.8125rem] text-muted">{children}</code>
}
