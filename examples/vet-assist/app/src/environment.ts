// The one place where this app reads the environment.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Environment {
  port: number
  issuer: string
  mcpUrl: string
  dataFolder: string
  /** Holds the app's client secret; `permitry.yaml` reads the same file. */
  secretFile: string
  /** Which model answers: `embedded`, `anthropic/<id>` or `openai-compatible/<id>@<base URL>`. */
  model: string
  /** For an OpenAI-compatible endpoint that wants one; local ones do not. */
  assistantApiKey: string | undefined
  /** For Anthropic, and sent to nobody else. */
  anthropicApiKey: string | undefined
}

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url))

/** Reads ports, data folder and model; a variable that cannot be used is an error that names it. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const folder = variables['PERMITRY_DATA_DIR']
  return {
    port: readPort(variables, 'VETASSIST_APP_PORT', 9402),
    issuer: `http://localhost:${readPort(variables, 'PERMITRY_PORT', 9400)}`,
    mcpUrl: `http://localhost:${readPort(variables, 'VETASSIST_MCP_PORT', 9401)}/mcp`,
    dataFolder: folder ? resolve(folder) : join(REPOSITORY, '.data'),
    secretFile: join(REPOSITORY, '.data/vet-assist-ai.secret'),
    model: variables['ASSISTANT_MODEL'] || 'embedded',
    assistantApiKey: variables['ASSISTANT_API_KEY'] || undefined,
    anthropicApiKey: variables['ANTHROPIC_API_KEY'] || undefined,
  }
}

function readPort(variables: Readonly<Record<string, string | undefined>>, name: string, standard: number): number {
  const text = variables[name]
  if (text === undefined || text === '') return standard
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error(`${name} must be a port, not \`${text}\``)
  return port
}
