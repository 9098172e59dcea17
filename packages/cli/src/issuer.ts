import { readConfigFile } from './config-file.ts'
import { readSettings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** The address of the authorization server: no database has it, only the configuration. */
export function configuredIssuer(terminal: Terminal): string {
  return readConfigFile(readSettings(terminal.environment, terminal.folder).configFile, terminal).issuer
}
