import { fromJsonSchema } from '@modelcontextprotocol/client'
import type { StandardSchema } from '@permitry/guard'
import type { ListedTool } from './list-tools.ts'

/** The MCP server has never said what its tools take: no call is let through unchecked. */
export class SchemasUnavailable extends Error {
  override readonly name = 'SchemasUnavailable'
}

export interface InputSchemasOptions {
  /** Asks the MCP server. */
  readonly list: () => Promise<readonly ListedTool[]>
  readonly clock: () => number
  /** Told when the list cannot be had or a schema cannot be used. */
  readonly onError: (error: Error) => void
}

/** What the tools of one MCP server take, as it says itself. */
export interface InputSchemas {
  /** Checks arguments of a tool; a tool that the MCP server does not list has no schema, and is its own to refuse. */
  of(tool: string): StandardSchema
}

/** After that the list is asked for again, beside the call that finds it old. */
const FRESH_MS = 5 * 60_000
/** Least time between two lists, whatever tools are called and however often one fails. */
const COOLDOWN_MS = 5_000

type Known = ReadonlyMap<string, StandardSchema>

/** Keeps the schemas of one MCP server: fetched at the first call, then renewed while the older ones serve. */
export function createInputSchemas({ list, clock, onError }: InputSchemasOptions): InputSchemas {
  let known: Known | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<Known> | undefined

  async function load(): Promise<Known> {
    triedAt = clock()
    try {
      known = compile(await list(), onError)
      return known
    } catch (cause) {
      onError(new Error('the MCP server does not list its tools', { cause }))
      throw new SchemasUnavailable('the tools of the MCP server are not known', { cause })
    } finally {
      loading = undefined
    }
  }

  /** What is known of a tool, now or when it is. */
  function find(tool: string): Known | Promise<Known> {
    if (loading && known === undefined) return loading
    const age = clock() - triedAt
    if (age < COOLDOWN_MS) {
      if (known === undefined) throw new SchemasUnavailable('the tools of the MCP server are not known')
      return known
    }
    if (known === undefined || !known.has(tool))
      return (loading ??= load()).catch((error: unknown) => known ?? Promise.reject(error))
    // Old ones serve on: a caller does not wait for what has not changed most of the time.
    if (age >= FRESH_MS) (loading ??= load()).catch(() => {})
    return known
  }

  return {
    of: (tool) => ({
      '~standard': {
        version: 1,
        vendor: 'permitry',
        validate(args) {
          const found = find(tool)
          return found instanceof Promise
            ? found.then((schemas) => check(schemas, tool, args))
            : check(found, tool, args)
        },
      },
    }),
  }
}

function check(schemas: Known, tool: string, args: unknown): ReturnType<StandardSchema['~standard']['validate']> {
  return schemas.get(tool)?.['~standard'].validate(args) ?? { value: args }
}

function compile(tools: readonly ListedTool[], onError: (error: Error) => void): Known {
  return new Map(
    tools.map(({ name, inputSchema }) => {
      try {
        return [name, fromJsonSchema(withoutPatterns(inputSchema) as Parameters<typeof fromJsonSchema>[0])]
      } catch (cause) {
        onError(new Error(`the input schema of tool \`${name}\` cannot be used, so its calls are refused`, { cause }))
        return [name, UNUSABLE]
      }
    }),
  )
}

const UNUSABLE: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'permitry',
    validate: () => ({ issues: [{ message: 'the input schema of this tool cannot be used' }] }),
  },
}

/**
 * Leaves out what is checked by regular expressions, here that of another party, which a caller could make slow for
 * everybody: the MCP server checks those itself.
 */
function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns)
  if (typeof schema !== 'object' || schema === null) return schema
  const { pattern, patternProperties, format, ...rest } = schema as Record<string, unknown>
  // A property may have any name, these included: then its value is a schema.
  const own = { ...(isSchema(pattern) && { pattern }), ...(isSchema(format) && { format }) }
  // Without the patterns, a property that one of them allows would be additional.
  if (patternProperties !== undefined) delete rest['additionalProperties']
  return Object.fromEntries(Object.entries({ ...rest, ...own }).map(([key, value]) => [key, withoutPatterns(value)]))
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
