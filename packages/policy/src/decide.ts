import type { Decision } from './decision.ts'
import type { AccessRequest } from './request.ts'
import type { Rule, Rules } from './rule.ts'

type Check = <P>(rule: Rule<P>, request: AccessRequest<P>) => Decision | undefined

/** In this order: what no argument can change comes first, so that a caller without scopes learns nothing about objects. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['scopes', checkScopes],
  ['login', checkLogin],
  ['arguments', checkArguments],
  ['object', checkObject],
]

/**
 * Decides one request: the same function for an item of a list, which has no arguments, and for a call, so that the two
 * cannot disagree. Denies what has no rule. A condition that throws is a fault of the rule and no answer: callers deny.
 */
export function decide<P>(rules: Rules<P>, request: AccessRequest<P>): Decision {
  const rule = rules[request.resource.type].get(request.resource.id)
  if (rule === undefined) return { outcome: 'never', reasons: ['rule_missing'], answer: 'hide', missing: [] }
  for (const [, check] of CHECKS) {
    const refusal = check(rule, request)
    if (refusal !== undefined) return refusal
  }
  return { outcome: 'allow', reasons: ['allowed'] }
}

function checkScopes<P>(rule: Rule<P>, { context }: AccessRequest<P>): Decision | undefined {
  const missing = rule.scopes.filter((scope) => !context.scopes.has(scope))
  if (missing.length === 0) return undefined
  // Without the claim nobody knows what the person could get: show and challenge, never allow.
  if (context.entitlements === undefined) {
    return { outcome: 'challenge', reasons: ['scope_missing', 'entitlements_unknown'], scopes: rule.scopes }
  }
  const beyond = missing.filter((scope) => !context.entitlements?.has(scope))
  if (beyond.length === 0) return { outcome: 'challenge', reasons: ['scope_missing'], scopes: rule.scopes }
  return { outcome: 'never', reasons: ['scope_missing', 'not_entitled'], answer: rule.whenNever, missing: beyond }
}

function checkLogin<P>(rule: Rule<P>, { context }: AccessRequest<P>): Decision | undefined {
  const { acrValues, maxAgeSeconds } = rule
  const tooLow = acrValues !== undefined && (context.acr === undefined || !acrValues.includes(context.acr))
  const tooOld =
    maxAgeSeconds !== undefined &&
    (context.authTime === undefined || context.now > (context.authTime + maxAgeSeconds) * 1000)
  if (!tooLow && !tooOld) return undefined
  return {
    outcome: 'step_up',
    reasons: [...(tooLow ? (['acr_too_low'] as const) : []), ...(tooOld ? (['login_too_old'] as const) : [])],
    // Both are named even when one holds: the next login must meet the whole rule.
    ...(acrValues !== undefined && { acrValues }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
  }
}

function checkArguments<P>(rule: Rule<P>, { subject, context }: AccessRequest<P>): Decision | undefined {
  if (context.arguments === undefined) return undefined
  if (context.argumentFault !== undefined) {
    return { outcome: 'refuse', reasons: ['arguments_invalid'], message: context.argumentFault }
  }
  if (rule.allowArguments === undefined) return undefined
  const answer: unknown = rule.allowArguments(subject, context.arguments)
  // Only `true` allows: a condition written in JavaScript may forget its answer, or give a promise of one.
  if (answer === true) return undefined
  const message = typeof answer === 'string' ? answer : 'these arguments are not allowed'
  return { outcome: 'refuse', reasons: ['arguments_refused'], message }
}

function checkObject<P>(rule: Rule<P>, { subject, resource, context }: AccessRequest<P>): Decision | undefined {
  if (rule.allowObject === undefined || context.arguments === undefined) return undefined
  const absent = resource.object === undefined || resource.object === null
  const answer: unknown = !absent && rule.allowObject(subject, resource.object)
  if (answer === true) return undefined
  // One message for both: whoever may not know an object does not learn that it exists.
  return { outcome: 'refuse', reasons: [absent ? 'object_absent' : 'object_refused'], message: OBJECT_NOT_FOUND }
}

const OBJECT_NOT_FOUND = 'not found, or not yours: use an id from a list that you can see'
