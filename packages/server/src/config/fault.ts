/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with a configuration file, in a sentence that says what to do. Never contains a secret. */
export interface ConfigFault extends Position {
  readonly message: string
}

/** Writes a fault as compilers do, so that editors and terminals can jump to it. */
export function formatFault(file: string, { line, column, message }: ConfigFault): string {
  return `${file}:${line}:${column}: ${message}`
}

/** Faults in the order of the file, each told once. */
export function sortFaults(faults: readonly ConfigFault[]): ConfigFault[] {
  const unique = new Map(faults.map((fault) => [formatFault('', fault), fault]))
  return [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}
