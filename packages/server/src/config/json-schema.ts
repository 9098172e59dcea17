import { z } from 'zod'
import { Config } from './schema.ts'

/**
 * The JSON Schema of `permitry.yaml`, for completion and red lines in editors. It tells the shape only: references between
 * the parts are checked when the file is loaded. A text may be an expansion, so its pattern must not refuse one.
 */
export function configJsonSchema(): object {
  return z.toJSONSchema(Config, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema }) {
      if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = `(${jsonSchema.pattern})|\\$\\{`
      delete jsonSchema.format
    },
  })
}
