import { type ComponentProps, type ReactNode, useId } from 'react'

const box =
  'w-full rounded-[0.625rem] border border-muted bg-card px-3 py-2 text-ink placeholder:text-muted read-only:border-line read-only:bg-raised aria-invalid:border-danger'

interface Shared {
  label: string
  hint?: string
  fault?: string | undefined
}

function Labelled({ label, hint, fault, children }: Shared & { children: (ids: FieldIds) => ReactNode }) {
  const id = useId()
  const about = `${id}-about`
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': hint !== undefined || fault !== undefined ? about : undefined,
        'aria-invalid': fault !== undefined,
      })}
      {(hint !== undefined || fault !== undefined) && (
        <p id={about} className={fault === undefined ? 'text-sm text-muted' : 'text-sm text-danger'}>
          {fault ?? hint}
        </p>
      )}
    </div>
  )
}

interface FieldIds {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean
}

export function Field({ label, hint, fault, ...props }: Shared & ComponentProps<'input'>) {
  return (
    <Labelled label={label} fault={fault} {...(hint === undefined ? {} : { hint })}>
      {(ids) => <input className={`${box} min-h-11 md:min-h-9`} autoComplete="off" {...props} {...ids} />}
    </Labelled>
  )
}

export function Area({ label, hint, fault, ...props }: Shared & ComponentProps<'textarea'>) {
  return (
    <Labelled label={label} fault={fault} {...(hint === undefined ? {} : { hint })}>
      {(ids) => <textarea className={box} rows={2} {...props} {...ids} />}
    </Labelled>
  )
}

/** Searches while somebody types; the label is only heard, because the place of the box says what it is. */
export function Search({ value, onSearch, label }: { value: string; onSearch: (text: string) => void; label: string }) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onSearch(event.target.value)}
      className={`${box} min-h-11 md:min-h-9 md:max-w-80`}
    />
  )
}
