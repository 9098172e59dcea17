import { type ComponentProps, useId } from 'react'
import { texts } from '../texts.ts'
import { looks, shape } from './button-looks.ts'

type ButtonProps = ComponentProps<'button'> & {
  look?: keyof typeof looks
  /** The scope that is missing for this, which is then said beside it: a control is disabled with its reason, never hidden. */
  missing?: string | undefined
}

export function Button({ look = 'plain', missing, className = '', onClick, ...props }: ButtonProps) {
  const reason = useId()
  if (missing === undefined)
    return <button type="button" className={`${shape} ${looks[look]} ${className}`} onClick={onClick} {...props} />
  return (
    <span className="inline-flex flex-col items-start gap-1">
      <button
        {...props}
        type="button"
        aria-disabled="true"
        aria-describedby={reason}
        className={`${shape} cursor-not-allowed border-dashed border-line bg-transparent text-muted ${className}`}
      />
      <span id={reason} className="text-xs text-muted">
        {texts.needs(missing)}
      </span>
    </span>
  )
}
