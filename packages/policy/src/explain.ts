import type { Decision, Reason } from './decision.ts'

const SENTENCES: Readonly<Record<Reason, string>> = {
  allowed: 'the rule is met',
  rule_missing: 'no rule names it, and what is not named is refused',
  scope_missing: 'the token does not carry every scope that it needs',
  entitlements_unknown: 'the token does not say what else this person could get, so consent is asked for',
  not_entitled: 'no role of this person grants the missing scope through this application',
  acr_too_low: 'the login was not strong enough',
  login_too_old: 'the login is too long ago',
  arguments_invalid: 'the arguments do not fit the schema',
  arguments_refused: 'the rule does not allow these arguments',
  object_absent: 'the object that the arguments name does not exist',
  object_refused: 'the object that the arguments name is not within reach of this person',
}

/** Says in words why a decision came out as it did. For operators: it tells apart what a caller must not be able to. */
export function explain(decision: Decision): string {
  return decision.reasons.map((reason) => SENTENCES[reason]).join('; ')
}
