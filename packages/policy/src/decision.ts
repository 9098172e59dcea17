/** Why a decision came out as it did: stable codes for audit rows and tests. */
export type Reason =
  | 'allowed'
  | 'rule_missing'
  | 'scope_missing'
  | 'entitlements_unknown'
  | 'not_entitled'
  | 'acr_too_low'
  | 'login_too_old'
  | 'arguments_invalid'
  | 'arguments_refused'
  | 'object_absent'
  | 'object_refused'

/** The answer to an access request. Each outcome but the first is a refusal; they differ in what could change it. */
export type Decision =
  | { readonly outcome: 'allow'; readonly reasons: readonly Reason[] }
  /** Consent would do: ask for all scopes of the operation at once. */
  | { readonly outcome: 'challenge'; readonly reasons: readonly Reason[]; readonly scopes: readonly string[] }
  /** A stronger or fresher login would do, RFC 9470. */
  | {
      readonly outcome: 'step_up'
      readonly reasons: readonly Reason[]
      readonly acrValues?: readonly string[]
      readonly maxAgeSeconds?: number
    }
  /** Nothing that the person can do now: `missing` names the scopes that no role grants. */
  | {
      readonly outcome: 'never'
      readonly reasons: readonly Reason[]
      readonly answer: 'hide' | 'explain'
      readonly missing: readonly string[]
    }
  /** Other arguments or another object would do. `message` is for the model. */
  | { readonly outcome: 'refuse'; readonly reasons: readonly Reason[]; readonly message: string }

/** Says whether a list shows the thing: everything but what is never possible and not to be explained. */
export function isVisible(decision: Decision): boolean {
  return decision.outcome !== 'never' || decision.answer === 'explain'
}
