import { err, ok, type Result } from '@permitry/oauth'
import type { z } from 'zod'
import { checkReferences } from './checks.ts'
import { parseDocument, type ConfigDocument } from './document.ts'
import { expand, type ExpansionSources } from './expand.ts'
import { sortFaults, type ConfigFault } from './fault.ts'
import { Config } from './schema.ts'
import { checkShape } from './shape.ts'
import type { Finding } from './view.ts'

/** A file that is read as `permitry.yaml` is: its shape, and what the parts of it say wrongly about each other. */
export interface FileFormat<T> {
  readonly schema: z.ZodType<T>
  readonly check: (value: unknown, document: ConfigDocument) => Iterable<Finding>
}

/** Reads the text of a `permitry.yaml`. */
export function loadConfig(text: string, sources: ExpansionSources): Result<Config, readonly ConfigFault[]> {
  return loadFile(text, sources, { schema: Config, check: checkReferences })
}

/**
 * Reads the text of a file: parse, expand, shapes, cross-references. Every fault of the file comes back at once, each with
 * its place; only a file that is no YAML stops early, since the rest would be guesswork.
 */
export function loadFile<T>(
  text: string,
  sources: ExpansionSources,
  { schema, check }: FileFormat<T>,
): Result<T, readonly ConfigFault[]> {
  const document = parseDocument(text)
  if (!document.readable) return err(sortFaults(document.faults))
  const expanded = expand(document, sources)
  const value: unknown = document.yaml?.toJS() ?? {}
  // A value that could not be had is one mistake, so it is not also told that the value is wrong.
  const missing = new Set(expanded.map(({ line, column }) => `${line}:${column}`))
  const faults = [
    ...document.faults,
    ...expanded,
    ...[...checkShape(schema, value, document), ...locate(check(value, document), document)].filter(
      ({ line, column }) => !missing.has(`${line}:${column}`),
    ),
  ]
  return faults.length === 0 ? ok(schema.parse(value)) : err(sortFaults(faults))
}

function locate(findings: Iterable<Finding>, document: ConfigDocument): ConfigFault[] {
  return [...findings].map(({ path, message, at }) => ({
    ...(at === 'key' ? document.locateKey(path) : document.locate(path)),
    message,
  }))
}
