import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml'
import type { ConfigFault, Position } from './fault.ts'

/** The keys and indexes that lead to a value, as zod reports them. */
export type Path = readonly PropertyKey[]

/** A YAML file with the place of each of its values. */
export interface ConfigDocument {
  /** The one document of the file; null when the file is empty. */
  readonly yaml: Document | null
  /** Where a value stands; for a value that is missing, where the nearest one around it stands. */
  locate(path: Path): Position
  /** Where a key stands. */
  locateKey(path: Path): Position
  locateNode(node: Node): Position
  /** A scalar as it was written, before `${…}` was expanded: what a message may quote without telling a secret. */
  written(path: Path): string | undefined
  readonly faults: readonly ConfigFault[]
  /** Whether the text could be read at all. When not, `faults` says why and everything else is guesswork. */
  readonly readable: boolean
}

/** A configuration is written by hand or by a small program; what is larger is something else by mistake. */
export const MAX_FILE_LENGTH = 1_048_576

/**
 * Parses YAML 1.2 with the limits of a configuration file: one document, no duplicate keys, no anchors, aliases or tags
 * (each value stands where it is used, so each fault has one place).
 */
export function parseDocument(text: string): ConfigDocument {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (text.length > MAX_FILE_LENGTH)
    return unreadable(`the file is longer than ${MAX_FILE_LENGTH} characters: split what it declares over tenants`)

  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const documents = Array.isArray(parsed) ? parsed : []
  const yaml = documents[0] ?? null
  const faults: ConfigFault[] = documents.flatMap((document) =>
    [...document.errors, ...document.warnings].map((error) => ({
      ...at(error.pos[0]),
      message: explain(error, text),
    })),
  )
  const second = documents[1]
  if (second)
    faults.push({ ...at(second.range[0]), message: 'a second document begins: keep one document in the file' })
  let hasAlias = false
  if (yaml)
    visit(yaml, {
      Node(_key, node) {
        if (!isAlias(node) && node.anchor === undefined) return
        hasAlias ||= isAlias(node)
        faults.push({
          ...at(node.range?.[0] ?? 0),
          message: 'anchors and aliases are not read here: write the value out',
        })
      },
    })

  const locateNode = (node: Node): Position => at(node.range?.[0] ?? 0)
  const around = (path: Path) => walk(yaml?.contents ?? null, path)
  return {
    yaml,
    locate: (path) => at(around(path).value?.range?.[0] ?? 0),
    locateKey: (path) => at(around(path).key?.range?.[0] ?? 0),
    locateNode,
    written(path) {
      const { value, complete } = around(path)
      return complete && isScalar(value) ? (value.source ?? String(value.value)) : undefined
    },
    faults,
    // An alias may stand for nothing, for itself or for more than there is memory.
    readable:
      !hasAlias && documents.every((document) => document.errors.every((error) => error.code === 'DUPLICATE_KEY')),
  }
}

/** Follows a path as far as it goes: the last node that exists, and the key under which it stands. */
function walk(root: Node | null, path: Path): { value: Node | null; key: Node | null; complete: boolean } {
  let value = root
  let key: Node | null = null
  for (const step of path) {
    const next = isCollection(value) ? child(value, step) : undefined
    if (!next) return { value, key, complete: false }
    key = next.key ?? next.value
    value = next.value ?? next.key
  }
  return { value, key, complete: true }
}

function child(parent: Node, step: PropertyKey): { key: Node | null; value: Node | null } | undefined {
  if (isMap<Node, Node | null>(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === step)
    return pair && { key: pair.key, value: pair.value }
  }
  if (isSeq<Node>(parent) && typeof step === 'number') {
    const value = parent.items[step]
    return value && { key: null, value }
  }
  return undefined
}

function explain({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') return 'the key stands twice in one mapping: keep one of the two'
  if (code === 'TAG_RESOLVE_FAILED') return 'tags are not read here: write the value without `!`'
  if (code === 'NON_STRING_KEY') return 'a key must be a plain word: lists and mappings cannot be keys'
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line: use spaces'
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0] ?? ''
  const hint = /[[{].*\$\{/.test(line) ? 'inside [ ] and { } put quotes around a value with ${…}' : 'correct the YAML'
  return `${message.split('\n', 1)[0]?.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}: ${hint}`
}

function unreadable(message: string): ConfigDocument {
  const start = { line: 1, column: 1 }
  const nowhere = () => start
  return {
    yaml: null,
    locate: nowhere,
    locateKey: nowhere,
    locateNode: nowhere,
    written: () => undefined,
    faults: [{ ...start, message }],
    readable: false,
  }
}
