// Authorization for MCP servers: what stands between a request and a tool.
export type { AuditEvent, AuditOptions } from './audit.ts'
export { decided, type Decided, type DecidedTypes } from './decided.ts'
export { guard, type HandlerOptions, type McpHandler, type Protect } from './guard.ts'
export type { Credential, IssuerOptions } from './issuer/options.ts'
export { objectRule, type ObjectRule, type ObjectRuleOptions } from './object-rule.ts'
export type { GuardOptions, ItemOption, ItemRule } from './options.ts'
export type { AuthInfo, Principal, StandardSchema } from './types.ts'
export { all, none, planToSql, where, within, type Condition, type Plan, type SqlFragment } from '@permitry/policy'
