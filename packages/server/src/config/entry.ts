import { err, ok, type Result } from '@permitry/oauth'
import { z } from 'zod'
import { SECTIONS } from './schema.ts'
import { explain } from './shape.ts'

type Section = keyof typeof SECTIONS

/** One thing as `permitry.yaml` writes it. */
export type Entry = Readonly<Record<string, unknown>>

/** Holds what was said outside of a file against the shape that an entry of a file has; the error is one sentence. */
export function parseEntry<S extends Section>(section: S, sent: unknown): Result<z.output<(typeof SECTIONS)[S]>> {
  const schema: z.ZodType = SECTIONS[section]
  const parsed = schema.safeParse(sent, { error: explain })
  if (parsed.success) return ok(parsed.data as z.output<(typeof SECTIONS)[S]>)
  const [issue] = parsed.error.issues
  return err(`\`${issue?.path.join('.')}\`: ${issue?.message}`)
}

/** Leaves out what a reader of the file fills in by himself, and brings the rest into the order of the schema. */
export function omitDefaults(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return omitDefaults(schema.unwrap(), value)
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.map((item: unknown) => omitDefaults(schema.element, item))
  if (!(schema instanceof z.ZodObject)) return value
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) => {
    const said = (value as Entry)[key]
    const silent = field.safeParse(undefined)
    if (said === undefined || (silent.success && JSON.stringify(silent.data) === JSON.stringify(said))) return []
    return [[key, omitDefaults(field, said)] as const]
  })
  return Object.fromEntries(fields)
}
