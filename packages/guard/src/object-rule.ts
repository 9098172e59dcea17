import { within, type Plan } from '@permitry/policy'
import type { Principal } from './types.ts'

/** How the object that a call is about is found, and who may use it. */
export interface ObjectRule {
  /** Where its id stands among the arguments: `$.petId`. */
  readonly path: readonly string[]
  readonly type: string
  readonly load: (id: string | number, principal: Principal) => unknown
  readonly allow: (principal: Principal, object: unknown) => boolean
}

/** What `objectRule` takes: who may use the object is told by `plan`, shared with the list of such objects, or by `allow`. */
export type ObjectRuleOptions<T> = {
  /** Path of the id among the arguments, `$.petId` or `$.pet.id`. */
  readonly argument: string
  /** What the object is, for audit rows: `pet`. */
  readonly type: string
  /** Finds the object; undefined or null when there is none. */
  readonly load: (id: string | number, principal: Principal) => T | undefined | null | Promise<T | undefined | null>
} & (
  | { readonly plan: (principal: Principal) => Plan; readonly allow?: undefined }
  | { readonly allow: (principal: Principal, object: T) => boolean; readonly plan?: undefined }
)

const PATH = /^\$((?:\.[A-Za-z_][A-Za-z0-9_-]*)+)$/

/**
 * Says which object a call is about. The guard loads it before the tool runs, refuses a foreign one and an absent one
 * alike, and hands it to the tool in `decided(…).object`, so that nothing can change between check and use.
 */
export function objectRule<T>(options: ObjectRuleOptions<T>): ObjectRule {
  const { argument, type, load, plan, allow } = options
  const path = PATH.exec(argument)?.[1]?.slice(1).split('.')
  if (path === undefined) throw new TypeError(`argument \`${argument}\` must be a path such as \`$.petId\``)
  if (type === '') throw new TypeError(`the object at \`${argument}\` needs a type, such as \`pet\``)
  if (typeof load !== 'function') throw new TypeError(`the object at \`${argument}\` needs \`load\`, which finds it`)
  if ((typeof plan === 'function') === (typeof allow === 'function')) {
    throw new TypeError(`the object at \`${argument}\` needs one of \`plan\` and \`allow\`, which say who may use it`)
  }
  return Object.freeze({
    path,
    type,
    load,
    // The object comes from `load` of the same options, so it is a T.
    allow: plan
      ? (principal: Principal, object: unknown) => within(plan(principal), object)
      : (principal: Principal, object: unknown) => allow?.(principal, object as T) === true,
  })
}

/** The id at the path, or undefined where there is none that could name an object. Own members only. */
export function idAt(path: readonly string[], args: unknown): string | number | undefined {
  let value: unknown = args
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined
}
