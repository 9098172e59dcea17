import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import {
  formatFault,
  loadConfig,
  loadFile,
  type Config,
  type ExpansionSources,
  type FileFormat,
} from '@permitry/server'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** A secret or two fit; whatever is larger was not meant. */
const MAX_SECRET_FILE_BYTES = 65_536

/** Reads `permitry.yaml`. A bad file is one error that holds every fault, each on a line of its own. */
export function readConfigFile(path: string, terminal: Terminal): Config {
  return readFile(path, terminal, { load: loadConfig, what: 'the configuration', consequence: 'nothing was changed' })
}

/** Reads `rules.yaml` in the same way. */
export function readRulesFile<T>(path: string, terminal: Terminal, format: FileFormat<T>): T {
  const load = (text: string, sources: ExpansionSources) => loadFile(text, sources, format)
  return readFile(path, terminal, { load, what: 'the file of rules', consequence: 'nothing was started' })
}

interface Reading<T> {
  readonly load: (text: string, sources: ExpansionSources) => ReturnType<typeof loadFile<T>>
  readonly what: string
  readonly consequence: string
}

function readFile<T>(path: string, { environment, folder }: Terminal, { load, what, consequence }: Reading<T>): T {
  const shown = relative(folder, path) || path
  const file = readText(path)
  if ('problem' in file) throw new CliError(`${what} \`${shown}\` ${file.problem}`)
  const loaded = load(file.text, {
    environment,
    readFile: (name) => readText(resolve(dirname(path), name), MAX_SECRET_FILE_BYTES),
  })
  if (loaded.ok) return loaded.value
  const faults = loaded.error.map((fault) => formatFault(shown, fault))
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`
  throw new CliError(`${what} has ${count}, ${consequence}\n${faults.join('\n')}`)
}

function readText(path: string, maxBytes?: number): { text: string } | { problem: string } {
  try {
    const bytes = readFileSync(path)
    if (maxBytes !== undefined && bytes.length > maxBytes) return { problem: 'is too large: name another file' }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { problem: explain(error) }
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
      return 'does not exist: create it, or name another one'
    case 'EACCES':
      return 'may not be read by this user: change its mode'
    case 'EISDIR':
      return 'is a folder: name a file'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'is not UTF-8 text: save it as UTF-8'
    default:
      throw error
  }
}
