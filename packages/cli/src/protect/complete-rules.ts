import type { CompleteRules, GatewayRules } from '@permitry/gateway'
import { CliError } from '../cli-error.ts'

/** Fills in the address that the command line says, and wants one for each MCP server. */
export function completeRules(
  rules: GatewayRules,
  upstream: string | undefined,
  faultOf: (url: string) => string | undefined,
): CompleteRules {
  if (upstream !== undefined && rules.upstreams.length !== 1)
    throw new CliError('`--upstream` says one address, and the rules name several MCP servers: write `url` for each')
  const fault = upstream === undefined ? undefined : faultOf(upstream)
  if (fault !== undefined) throw new CliError(`\`--upstream\`: ${fault}`)
  const upstreams = rules.upstreams.map((one) => {
    const url = upstream ?? one.url
    if (url === undefined)
      throw new CliError(`nothing says where \`${one.id}\` is: write \`url\` in the rules, or give --upstream`)
    return { ...one, url }
  })
  return { ...rules, upstreams }
}
