// Decisions about tools, prompts and resources, in the words of the AuthZEN Authorization API 1.0.
// Pure: no clock, no I/O, nothing but the language. Whoever calls brings the facts; the rules say what they mean.
export { decide } from './decide.ts'
export { isVisible, type Decision, type Reason } from './decision.ts'
export { explain } from './explain.ts'
export { all, none, where, within, type Plan } from './plan.ts'
export type { Condition, Value } from './condition.ts'
export type { AccessRequest, Context, Resource, ResourceType, Subject } from './request.ts'
export type { Rule, Rules } from './rule.ts'
export { planToSql, type SqlFragment } from './sql.ts'
