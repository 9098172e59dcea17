import type { AdminScope } from '../access/admin-api.ts'

/** What a command can be about. */
export type Kind =
  | 'tenant'
  | 'server'
  | 'scope'
  | 'role'
  | 'group'
  | 'subject'
  | 'client'
  | 'grant'
  | 'family'
  | 'session'
  | 'signing key'
  | 'credential key'
  | 'server credential'

/** Why a command changed nothing. */
export type CommandFailure =
  | { readonly reason: 'forbidden'; readonly action: string }
  /** Admin scopes that are needed for what the change touches, beside the one of the action. */
  | { readonly reason: 'not_held'; readonly scopes: readonly AdminScope[] }
  | { readonly reason: 'last_owner' }
  /** A setup link counts only while nobody is an owner; a link that is over is answered alike. */
  | { readonly reason: 'has_owner' }
  | { readonly reason: 'built_in'; readonly kind: Kind; readonly id: string }
  | { readonly reason: 'unknown'; readonly kind: Kind; readonly id: string }
  | {
      readonly reason: 'taken'
      readonly what:
        | 'tenant'
        | 'server id'
        | 'server name'
        | 'role id'
        | 'group id'
        | 'person id'
        | 'user name'
        | 'client id'
      readonly name: string
    }
  | { readonly reason: 'invalid'; readonly message: string }
  | { readonly reason: 'full' }
  | { readonly reason: 'changed_meanwhile' }

/** Says to an operator what happened and what to do. No `default`: a new reason does not compile until it is told here. */
export function describeFailure(failure: CommandFailure): string {
  switch (failure.reason) {
    case 'forbidden':
      return `this actor may not \`${failure.action}\`: nobody grants what he does not hold`
    case 'not_held':
      return `this takes \`${failure.scopes.join('`, `')}\` as well: nobody grants what he does not hold, or acts on somebody who has more`
    case 'last_owner':
      return 'nobody would be an owner any more: make somebody else one first'
    case 'has_owner':
      return 'there is an owner already, or the setup link is over: ask the owner for a role'
    case 'built_in':
      return `the ${failure.kind} \`${failure.id}\` is built in, or its id is kept for what is: choose another id`
    case 'unknown':
      return `there is no ${nounOf(failure.kind)} \`${failure.id}\`: check the spelling and the tenant`
    case 'taken':
      return `the ${failure.what} \`${failure.name}\` is taken: choose another one`
    case 'invalid':
      return failure.message
    case 'full':
      return 'too many clients have registered themselves that nobody uses: wait until the unused ones are forgotten'
    case 'changed_meanwhile':
      return 'somebody changed the same things since the plan was made: nothing was applied, look at the new plan'
  }
}

/** What has ended is kept for the audit, but there is nothing more to do with it. */
function nounOf(kind: Kind): string {
  return kind === 'grant' || kind === 'family' ? `living ${kind}` : kind
}
