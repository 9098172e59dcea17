import { z } from 'zod'
import { GatewayRules } from './schema.ts'

/** The JSON Schema of `rules.yaml`, for editors. A text may be an expansion, so its pattern must not refuse one. */
export function rulesJsonSchema(): object {
  return z.toJSONSchema(GatewayRules, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema }) {
      if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = `(${jsonSchema.pattern})|\\$\\{`
    },
  })
}
