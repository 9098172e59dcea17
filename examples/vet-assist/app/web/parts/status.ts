import type { ToolItem } from '../../src/wire.ts'
import type { IconName } from './icons.tsx'

export interface Status {
  label: string
  icon: IconName
  tone: 'quiet' | 'good' | 'ask' | 'refused'
}

/** A state in words: colour and icon only repeat them. */
export function statusOf({ state }: Pick<ToolItem, 'state'>): Status {
  switch (state) {
    case 'asks':
      return { label: 'Needs your yes', icon: 'question', tone: 'ask' }
    case 'ready':
    case 'running':
      return { label: 'Working', icon: 'wave', tone: 'quiet' }
    case 'needs-access':
      return { label: 'Needs a permission', icon: 'lock', tone: 'ask' }
    case 'allowed':
      return { label: 'Allowed', icon: 'check', tone: 'good' }
    case 'refused':
      return { label: 'Refused', icon: 'lock', tone: 'refused' }
    case 'failed':
      return { label: 'Did not work', icon: 'cross', tone: 'refused' }
    case 'declined':
      return { label: 'Not done', icon: 'pause', tone: 'quiet' }
    case 'interrupted':
      return { label: 'Interrupted', icon: 'pause', tone: 'refused' }
  }
}
