import type { AdminScope } from '@permitry/admin-api'
import { type LucideIcon, ShieldCheck } from 'lucide-react'
import { texts } from '../texts.ts'

interface Area {
  readonly to: '/roles'
  readonly label: string
  readonly scope: AdminScope
  readonly icon: LucideIcon
}

/** The pages of the first level, in the order of the navigation, with what each needs. */
export const areas: readonly Area[] = [{ to: '/roles', label: texts.nav.roles, scope: 'roles:read', icon: ShieldCheck }]
