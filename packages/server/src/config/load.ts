import { err, ok, type Result } from '@permitry/oauth'
import { checkReferences } from './checks.ts'
import { parseDocument } from './document.ts'
import { expand, type ExpansionSources } from './expand.ts'
import { sortFaults, type ConfigFault } from './fault.ts'
import { Config } from './schema.ts'
import { checkShape } from './shape.ts'

/**
 * Reads the text of a `permitry.yaml`: parse, expand, shapes, cross-references. Every fault of the file comes back at once,
 * each with its place; only a file that is no YAML stops early, since the rest would be guesswork.
 */
export function loadConfig(text: string, sources: ExpansionSources): Result<Config, readonly ConfigFault[]> {
  const document = parseDocument(text)
  if (!document.readable) return err(sortFaults(document.faults))
  const expanded = expand(document, sources)
  const value: unknown = document.yaml?.toJS() ?? {}
  // A value that could not be had is one mistake, so it is not also told that the value is wrong.
  const missing = new Set(expanded.map(({ line, column }) => `${line}:${column}`))
  const faults = [
    ...document.faults,
    ...expanded,
    ...[...checkShape(Config, value, document), ...checkReferences(value, document)].filter(
      ({ line, column }) => !missing.has(`${line}:${column}`),
    ),
  ]
  return faults.length === 0 ? ok(Config.parse(value)) : err(sortFaults(faults))
}
