import { isScalar, visit } from 'yaml'
import type { ConfigDocument } from './document.ts'
import type { ConfigFault } from './fault.ts'

/** Where the values of `${NAME}` and `${file:path}` come from. Relative paths are the reader's to resolve. */
export interface ExpansionSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The text of a file, or a sentence why it cannot be had. */
  readonly readFile: (path: string) => { readonly text: string } | { readonly problem: string }
}

const EXPANSION = /\$\$\{|\$\{([^{}]*)\}/g
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$/s

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:path}` inside the scalar values of a document, never in keys. `$${`
 * stands for a literal `${`. What comes in is text and is not expanded again, so nobody who can set a variable can reach a
 * file. An empty variable counts as missing: a secret must not become empty because somebody forgot to set it.
 */
export function expand(document: ConfigDocument, sources: ExpansionSources): ConfigFault[] {
  const faults: ConfigFault[] = []
  if (!document.yaml) return faults
  visit(document.yaml, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string' || !node.value.includes('${')) return
      const fail = (message: string) => {
        faults.push({ ...document.locateNode(node), message })
        return ''
      }
      node.value = expandText(node.value, sources, fail)
    },
  })
  return faults
}

function expandText(text: string, sources: ExpansionSources, fail: (message: string) => string): string {
  const outside = text.replaceAll(EXPANSION, '')
  if (outside.includes('${'))
    return fail('an expansion is not closed or stands in another one: write ${NAME}, ${NAME:-default} or ${file:path}')
  return text.replaceAll(EXPANSION, (_, inner: string | undefined) => {
    if (inner === undefined) return '${'
    if (inner.startsWith('file:')) return expandFile(inner.slice('file:'.length), sources, fail)
    const variable = VARIABLE.exec(inner)
    if (!variable) return fail(`\`\${${inner}}\` is no expansion: write \${NAME}, \${NAME:-default} or \${file:path}`)
    const [, name = '', hasDefault, fallback = ''] = variable
    const value = sources.environment[name]
    if (value !== undefined && value !== '') return value
    if (hasDefault !== undefined) return fallback
    return fail(`the environment variable \`${name}\` is not set: set it, or give a default with \${${name}:-default}`)
  })
}

function expandFile(path: string, sources: ExpansionSources, fail: (message: string) => string): string {
  if (path.trim() === '') return fail('`${file:}` names no file: write ${file:path}')
  const file = sources.readFile(path)
  if ('problem' in file) return fail(`the file \`${path}\` ${file.problem}`)
  // Editors and `echo` end a file with a line break that does not belong to the secret in it.
  return file.text.replace(/\r?\n$/, '')
}
