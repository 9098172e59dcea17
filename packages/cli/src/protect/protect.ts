import { CliError } from '../cli-error.ts'
import { readRulesFile } from '../config-file.ts'
import { createLog } from '../serve/log.ts'
import { drain, takePort } from '../serve/listen.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { completeRules } from './complete-rules.ts'

export interface ProtectOptions {
  readonly file: string
  /** The address of the MCP server, when the rules name one. */
  readonly upstream: string | undefined
  readonly host: string
}

const DRAIN_MS = 10_000

/** Runs the gateway until the process is asked to stop. Resolves when nothing of it is left. */
export async function protect(terminal: Terminal, { file, upstream, host }: ProtectOptions): Promise<void> {
  // Only this command needs it, and every other one would wait for it.
  const { checkRules, createGateway, createGatewayServer, GatewayRules, upstreamUrlFault } =
    await import('@permitry/gateway')
  const rules = completeRules(
    readRulesFile(file, terminal, { schema: GatewayRules, check: checkRules }),
    upstream,
    upstreamUrlFault,
  )
  const { gatewayPort } = readSettings(terminal.environment, terminal.folder)
  const log = createLog(terminal.stdout)
  const stopRequested = terminal.stopRequested()
  const gateway = createGateway(rules, {
    audit: ({ decision_id, outcome, reasons, sub, client_id, action, resource }) =>
      log.info('decision', {
        decision_id,
        outcome,
        reasons: reasons.join(' '),
        sub,
        client_id,
        action,
        [resource.type]: resource.id,
      }),
    onError: (error, id) => log.error('upstream', error, { upstream: id }),
  })
  const server = createGatewayServer(gateway.handle)
  try {
    const port = await takePort(server, host, gatewayPort, 'PERMITRY_GATEWAY_PORT')
    log.info('ready', {
      host,
      port,
      upstreams: rules.upstreams.map(({ id, resource }) => `${id} ${resource}`).join(', '),
    })
    await stopRequested
    log.info('stopping')
    gateway.stop()
    await drain(server, DRAIN_MS)
  } catch (error) {
    if (error instanceof CliError || !(error instanceof TypeError)) throw error
    throw new CliError(error.message, { cause: error })
  } finally {
    await gateway.close()
  }
  log.info('stopped')
}
