import { describeFailure, type CommandFailure, type Outcome } from '@permitry/server'
import { CliError } from './cli-error.ts'
import { print, type Terminal } from './terminal.ts'

type Done<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CommandFailure }

/** The value of a command that worked; a failure becomes the sentence that the operator reads. */
export function unwrap<T>(done: Done<T>): T {
  if (!done.ok) throw new CliError(describeFailure(done.error))
  return done.value
}

/** Tells what a command did: a sentence for people, `{ changed, id }` for programs. */
export function report(
  terminal: Terminal,
  json: boolean,
  done: Done<Outcome>,
  told: { readonly id: string; readonly changed: string; readonly unchanged: string },
): void {
  const changed = unwrap(done) === 'changed'
  print(terminal, json ? JSON.stringify({ changed, id: told.id }) : changed ? told.changed : told.unchanged)
}
