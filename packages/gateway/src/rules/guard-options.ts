import type { GuardOptions, ItemRule, StandardSchema } from '@permitry/guard'
import { compileConditions } from './conditions.ts'
import type { GatewayRules, ItemRules, UpstreamRules } from './schema.ts'

/** What the guard in front of one MCP server is told; `inputOf` gives the schema by which a tool's arguments are checked. */
export function guardOptionsOf(
  { issuer }: Pick<GatewayRules, 'issuer'>,
  upstream: UpstreamRules,
  inputOf: (tool: string) => StandardSchema | undefined = () => undefined,
): GuardOptions {
  const { resource, names, default_scopes: defaultScopes, scopes, origins, tools, prompts, resources } = upstream
  return {
    issuer,
    resource,
    names,
    defaultScopes,
    scopes,
    origins,
    maxBodyBytes: upstream.limits.body_bytes,
    onSignalLoss: upstream.on_signal_loss,
    tasks: upstream.tasks,
    tools: mapRules(tools, (rule, name) => ({ ...itemRuleOf(rule), ...inputMember(inputOf(name)) })),
    prompts: mapRules(prompts, itemRuleOf),
    resources: mapRules(resources, itemRuleOf),
  }
}

function mapRules(
  rules: Readonly<Record<string, ItemRules>>,
  change: (rule: ItemRules, name: string) => ItemRule,
): Record<string, ItemRule> {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, change(rule, name)]))
}

function itemRuleOf(rule: ItemRules): ItemRule {
  const when = compileConditions(rule)
  return {
    scope: rule.scopes,
    whenNever: rule.when_never,
    ...(when && { when: (_principal, args) => when(args) }),
    ...(rule.acr && { acr: rule.acr }),
    ...(rule.max_age !== undefined && { maxAge: rule.max_age }),
  }
}

function inputMember(input: StandardSchema | undefined): Pick<ItemRule, 'input'> {
  return input === undefined ? {} : { input }
}
