import type { z } from 'zod'
import type { ConfigDocument, Path } from './document.ts'
import type { ConfigFault } from './fault.ts'

/** Checks a value against a shape; each violation becomes a fault at its place in the file. */
export function checkShape(schema: z.ZodType, value: unknown, document: ConfigDocument): ConfigFault[] {
  const parsed = schema.safeParse(value, { error: explain })
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => toFaults(issue, document))
}

function toFaults(issue: z.core.$ZodIssue, document: ConfigDocument): ConfigFault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...document.locateKey([...issue.path, key]),
      message: `unknown key \`${key}\`: ${issue.message}`,
    }))
  if (issue.code === 'invalid_key') {
    const inner = issue.issues[0]?.message ?? issue.message
    return [
      {
        ...document.locateKey(issue.path),
        message: `the key \`${String(issue.path.at(-1))}\` is not usable: ${inner}`,
      },
    ]
  }
  return [{ ...document.locate(issue.path), message: `${fieldName(issue.path)}: ${issue.message}` }]
}

/** Sentences for what the schema does not word itself. Never quotes the value, which may be a secret. */
export const explain: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'it is missing: write it'
      if (issue.input === null) return 'it is empty: write a value, or leave the key out'
      return issue.expected === 'string'
        ? 'it must be text: put quotes around it'
        : `it must be ${nameType(issue.expected)}`
    case 'invalid_value':
      return issue.input === undefined
        ? 'it is missing: write it'
        : `it must be one of ${issue.values.map(String).join(', ')}`
    default:
      return undefined
  }
}

function nameType(expected: string): string {
  switch (expected) {
    case 'array':
      return 'a list'
    case 'object':
    case 'record':
      return 'a mapping of keys to values'
    default:
      return `a ${expected}`
  }
}

/** The last key of a path with the index behind it: `redirect_uris[0]`. */
function fieldName(path: Path): string {
  const key = path.findLastIndex((step) => typeof step === 'string')
  if (key === -1) return 'the file'
  return `\`${path
    .slice(key)
    .map((step) => (typeof step === 'number' ? `[${step}]` : String(step)))
    .join('')}\``
}
