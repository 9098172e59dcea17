// The one place where the launcher reads the environment; its children inherit it.
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEnvironment as readAppEnvironment } from './app/src/environment.ts'
import { readEnvironment as readMcpEnvironment } from './mcp-server/src/environment.ts'

export type Environment = {
  issuer: string
  mcpUrl: string
  appUrl: string
  /** Ports with the variable that moves each. */
  ports: Readonly<Record<string, number>>
  dataDir: string
  /** The data folder as a person would type it. */
  shownDataDir: string
  /** What all servers get, so that they agree on one data folder. */
  variables: Readonly<Record<string, string | undefined>>
}

export const repository = fileURLToPath(new URL('../../', import.meta.url))

/** Reads what the three servers read. A variable that cannot be used ends the launcher with one sentence about it. */
export function readEnvironment(): Environment {
  const { issuer, port, dataFile } = orEnd(() => readMcpEnvironment(process.env))
  const app = orEnd(() => readAppEnvironment(process.env))
  const dataDir = dirname(dataFile)
  const inside = relative(repository, dataDir)
  return {
    issuer,
    mcpUrl: `http://localhost:${port}/mcp`,
    appUrl: `http://localhost:${app.port}`,
    ports: { PERMITRY_PORT: Number(new URL(issuer).port), VETASSIST_MCP_PORT: port, VETASSIST_APP_PORT: app.port },
    dataDir,
    shownDataDir: inside.startsWith('..') ? dataDir : inside,
    variables: { ...process.env, PERMITRY_DATA_DIR: dataDir },
  }
}

function orEnd<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
