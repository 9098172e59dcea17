/** What is wrong with an audit: `forged` is a signature or key that is not ours, `unreadable` a line that is no line of ours. */
export interface AuditFinding {
  readonly kind: 'changed' | 'missing' | 'reordered' | 'forged' | 'unreadable'
  /** The line of the file at which it was found, from 1. */
  readonly line: number
  readonly message: string
}

export type Report = (kind: AuditFinding['kind'], message: string) => void
