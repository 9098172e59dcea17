import { z } from 'zod'

/** The version of the file: its kinds of line, their order and their members. */
export const EXPORT_VERSION = 1

const integer = z.int()
const text = z.string()
const nullableText = z.string().nullable()

const auditKey = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text })

const header = z.strictObject({
  kind: z.literal('header'),
  v: z.literal(EXPORT_VERSION),
  tenant: text,
  at: integer,
  key: auditKey,
})

const checkpoint = z.strictObject({
  kind: z.literal('checkpoint'),
  tenant: text,
  number: integer,
  at: integer,
  heads: z.array(z.tuple([text, integer, text]).readonly()).readonly(),
  prev: text,
  signature: text,
})

const stream = z.strictObject({ kind: z.literal('stream'), tenant: text, id: text, started_at: integer })

const event = z.strictObject({
  kind: z.literal('event'),
  tenant: text,
  stream: text,
  seq: integer,
  v: integer,
  at: integer,
  type: text,
  outcome: text,
  actor_kind: nullableText,
  actor_id: nullableText,
  subject_id: nullableText,
  client_id: nullableText,
  server_id: nullableText,
  family_id: nullableText,
  reason: nullableText,
  detail: text,
  personal: nullableText,
  prev: text,
  hash: text,
})

const line = z.discriminatedUnion('kind', [header, checkpoint, stream, event])

/**
 * One line of an exported file, which holds one tenant: a header, the checkpoints by number, then each stream followed by its
 * events by seq. Personal data appear as commitments only, so that a file outside the database need not be erased with a person.
 */
export type AuditLine = z.infer<typeof line>
export type AuditLineOf<Kind extends AuditLine['kind']> = Extract<AuditLine, { kind: Kind }>

/** Reads a line that anybody may have written; undefined when it is none of ours. */
export function parseAuditLine(source: string): AuditLine | undefined {
  try {
    return line.parse(JSON.parse(source))
  } catch {
    return undefined
  }
}
