import type { StoredDecision } from '../store/repositories/decisions.ts'

/** What people call those whom a decision is about; an id where there is no name any more. */
export interface DecisionNames {
  readonly person: string | undefined
  readonly client: string | undefined
  readonly server: string
}

/** What each reason of a guard means, with what would change it. */
const REASONS: Readonly<Record<string, string>> = {
  allowed: 'The rule for it is met.',
  rule_missing: 'The guard has no rule with this name, and what has no rule is refused.',
  scope_missing: 'The token does not carry the scope that it needs; the person could still allow it.',
  entitlements_unknown: 'The token does not carry the scope that it needs, nor say whether the person could get it.',
  not_entitled: 'No role of the person, or nothing that the application may ask for, holds the scope that it needs.',
  acr_too_low: 'It needs a stronger login than the one that the person made.',
  login_too_old: 'It needs a login that is more recent.',
  arguments_invalid: 'The arguments do not have the form that it takes.',
  arguments_refused: 'The rule does not allow these arguments.',
  object_absent: 'The object that the arguments name does not exist.',
  object_refused: 'The object that the arguments name is not one that this person may use.',
}

const OUTCOMES: Readonly<Record<string, string>> = {
  allow: 'was allowed',
  challenge: 'was refused for now: the application was told to ask for more',
  step_up: 'was refused for now: the application was told to have the person sign in again',
  never: 'was refused, and would be again until roles change',
  refuse: 'was refused for these arguments',
  error: 'was refused, since it could not be decided',
}

/** Says in sentences who wanted what, what became of it and why: the first one whole, then one for each reason. */
export function describeDecision(decision: StoredDecision, { person, client, server }: DecisionNames): string[] {
  const { subjectId, clientId, claimed, itemType, itemName, object, outcome, reasons, scopes } = decision
  const who = subjectId === null ? 'somebody' : nameOf(person, subjectId)
  const through = clientId === null ? 'an application' : nameOf(client, clientId)
  const what = `the ${itemType} \`${itemName}\`${object ? ` on the ${object.type} \`${object.id}\`` : ''}`
  const first = `${through}, in the hands of ${who}, wanted ${what} of ${server}: it ${OUTCOMES[outcome] ?? outcome}.`
  return [
    first,
    ...reasons.map((reason) => REASONS[reason] ?? `The guard gives the reason \`${reason}\`.`),
    ...(scopes === null || scopes.length === 0 ? [] : [`It asked for: ${scopes.join(', ')}.`]),
    ...(claimed === null
      ? []
      : [
          `The guard named the person \`${claimed.sub}\` and the application \`${claimed.client_id}\`, to whom this server gave no such token: believe it no further than the guard.`,
        ]),
  ]
}

function nameOf(name: string | undefined, id: string): string {
  return name === undefined ? id : `${name} (${id})`
}
