/** Something that an operator can put right: the message says how, and no stack is shown. Exit code 1. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

/** The exit codes of `permitry`, for scripts. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const
