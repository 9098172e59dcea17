import { matchesGlob } from './glob.ts'
import type { ArgumentCondition, ItemRules } from './schema.ts'

type Arguments = Readonly<Record<string, unknown>>

/**
 * Compiles the conditions of a rule into the guard's `when`: true, or a sentence from which a model learns which arguments
 * would do. Undefined where there is no condition. An argument that is missing is refused unless it is `optional`.
 */
export function compileConditions({
  arguments: conditions,
  otherwise,
}: Pick<ItemRules, 'arguments' | 'otherwise'>): ((args: Arguments) => true | string) | undefined {
  const compiled = Object.entries(conditions).map(([name, condition]) => ({ path: name.split('.'), name, condition }))
  if (compiled.length === 0) return undefined
  return (args) => {
    const faults = compiled.flatMap(({ path, name, condition }) => {
      const value = valueAt(path, args)
      if (value === undefined) return condition.optional ? [] : [`\`${name}\` is needed`]
      return [...faultsOf(value, condition)].map((fault) => `\`${name}\` ${fault}`)
    })
    return faults.length === 0 ? true : (otherwise ?? faults.join('; '))
  }
}

/** Own members only: `constructor` is no argument. */
function valueAt(path: readonly string[], args: unknown): unknown {
  let value = args
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined
    value = (value as Arguments)[key]
  }
  return value
}

/** A value of another type than a condition is about does not fit it. A list fits when each of its members does. */
function* faultsOf(value: unknown, condition: ArgumentCondition): Generator<string, void> {
  const { one_of: allowed, matches, min, max, max_length: maxLength } = condition
  const members: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (allowed && !members.every((member) => allowed.some((one) => one === member)))
    yield `must be ${list(allowed.map(String))}`
  if (matches !== undefined && !members.every((member) => typeof member === 'string' && matchesGlob(matches, member)))
    yield `must look like ${matches}`
  if (min !== undefined && !members.every((member) => typeof member === 'number' && member >= min))
    yield `must be a number of at least ${min}`
  if (max !== undefined && !members.every((member) => typeof member === 'number' && member <= max))
    yield `must be a number of at most ${max}`
  if (maxLength !== undefined && !((typeof value === 'string' || Array.isArray(value)) && value.length <= maxLength))
    yield `must be a text or list of length ${maxLength} at most`
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
