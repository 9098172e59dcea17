import { checkPasswordRules, isPasswordHash } from '../login/password.ts'
import { usernameKey } from '../store/repositories/subjects.ts'
import { checkDefined, checkScopesByServer } from './references.ts'
import type { ConfigView, Finding } from './view.ts'

export function* checkRoleScopes(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.roles) yield* checkScopesByServer(view, value.scopes, [...path, 'scopes'])
}

export function* checkGroupRoles(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.groups) yield* checkDefined(view, 'role', value.roles, [...path, 'roles'])
}

export function* checkUserReferences(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.users) {
    yield* checkDefined(view, 'role', value.roles, [...path, 'roles'])
    yield* checkDefined(view, 'group', value.groups, [...path, 'groups'])
  }
}

/** People type their user name in any letter case, so two names that differ only there are one. */
export function* checkUsernames({ users, quote }: ConfigView): Iterable<Finding> {
  const owners = new Map<string, string>()
  for (const { path, value } of users) {
    const at = [...path, 'username']
    const key = usernameKey(value.username)
    const owner = owners.get(key)
    if (owner !== undefined && owner !== value.id)
      yield {
        path: at,
        message: `the user name ${quote(at)} belongs to \`${owner}\`, letter case aside: choose another one`,
      }
    owners.set(key, value.id)
  }
}

export function* checkPasswords({ users }: ConfigView): Iterable<Finding> {
  for (const { path, value } of users) {
    const { password, password_hash: hash } = value
    if (password !== undefined && hash !== undefined)
      yield {
        path: [...path, 'password_hash'],
        at: 'key',
        message: '`password` and `password_hash` exclude each other: keep one',
      }
    const problem = password === undefined ? undefined : checkPasswordRules(password)
    if (problem !== undefined) yield { path: [...path, 'password'], message: `${problem}: choose another one` }
    if (hash !== undefined && !isPasswordHash(hash))
      yield {
        path: [...path, 'password_hash'],
        message: 'the hash cannot be checked: write Argon2id in PHC form, beginning with `$argon2id$v=19$`',
      }
  }
}
