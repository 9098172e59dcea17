/** What one check saw. `fix` says what to do, and is there whenever something is to be done. */
export interface Finding {
  readonly check: string
  /** The address or thing that was looked at. */
  readonly target: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly seen: string
  readonly fix?: string
}

/** Findings of one check at one target. */
export function about(check: string, target: string) {
  return {
    ok: (seen: string): Finding => ({ check, target, status: 'ok', seen }),
    warn: (seen: string, fix: string): Finding => ({ check, target, status: 'warn', seen, fix }),
    fail: (seen: string, fix: string): Finding => ({ check, target, status: 'fail', seen, fix }),
    /** A fault of our own server is to be mended; of a foreign one it may be meant. */
    bad: (own: boolean, seen: string, fix: string): Finding => ({
      check,
      target,
      status: own ? 'fail' : 'warn',
      seen,
      fix,
    }),
  }
}
