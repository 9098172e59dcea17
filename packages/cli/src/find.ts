import { describeFailure, findSubjectId, type Operator } from '@permitry/server'
import { CliError } from './cli-error.ts'

/** The id of the person that is meant, or a failure that says so. */
export async function requireSubject(operator: Operator, person: string): Promise<string> {
  const id = await findSubjectId(operator, person)
  if (id === undefined)
    throw new CliError(`there is no person \`${person}\` in tenant \`${operator.tenant}\`: give an id or a user name`)
  return id
}

/** The one of some things that has an id, or a failure that says so. */
export function requireOne<T extends { readonly id: string }>(
  items: readonly T[],
  kind: 'server' | 'role' | 'group' | 'client' | 'subject',
  id: string,
): T {
  const found = items.find((item) => item.id === id)
  if (!found) throw new CliError(describeFailure({ reason: 'unknown', kind, id }))
  return found
}
