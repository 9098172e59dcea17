// The one place where this server reads the environment.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Environment {
  port: number
  issuer: string
  dataFile: string
  /** What `permitry server credential` wrote for the guard; there is none when this server was started by itself. */
  credentialFile: string
}

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url))

/** Reads the ports and the data folder; a variable that cannot be used is an error that names it. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const folder = variables['PERMITRY_DATA_DIR']
  const dataDir = folder ? resolve(folder) : join(REPOSITORY, '.data')
  return {
    port: readPort(variables, 'VETASSIST_MCP_PORT', 9401),
    issuer: `http://localhost:${readPort(variables, 'PERMITRY_PORT', 9400)}`,
    dataFile: join(dataDir, 'vet-assist.db'),
    credentialFile: join(dataDir, 'vetassist.credential.json'),
  }
}

function readPort(variables: Readonly<Record<string, string | undefined>>, name: string, standard: number): number {
  const text = variables[name]
  if (text === undefined || text === '') return standard
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error(`${name} must be a port, not \`${text}\``)
  return port
}
