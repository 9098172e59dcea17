import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { looks, shape } from './button-looks.ts'

type LinkButtonProps = Pick<LinkProps, 'to' | 'params'> & {
  look?: keyof typeof looks
  missing?: string | undefined
  children: ReactNode
}

/** A way to another page that looks like a button; without the scope for it, a button that says so. */
export function LinkButton({ look = 'plain', missing, children, ...link }: LinkButtonProps) {
  if (missing !== undefined) return <Button missing={missing}>{children}</Button>
  return (
    <Link {...link} className={`${shape} ${looks[look]}`}>
      {children}
    </Link>
  )
}
