import { z } from 'zod'
import type { PublishedItem } from '../catalogue/publication.ts'
import type { ItemKind } from '../store/repositories/catalogue.ts'

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']

/** The hints of MCP's `ToolAnnotations`; whatever else stands there says nothing to us. */
function hintsOf(annotations: Readonly<Record<string, unknown>>): Record<string, boolean> {
  const hints = HINTS.flatMap((name): [string, boolean][] => {
    const hint = annotations[name]
    return typeof hint === 'boolean' ? [[name, hint]] : []
  })
  return Object.fromEntries(hints)
}

/** What people read, as a database can keep it. Pages strip and cap it where they show it. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.toWellFormed().replaceAll('\0', '\ufffd'))

const Item = z.object({
  name: text(512).refine((name) => name !== ''),
  scopes: z
    .array(z.string().min(1).max(256))
    .max(64)
    .transform((scopes) => [...new Set(scopes)].toSorted()),
  conditions: z
    .array(z.enum(['arguments', 'object']))
    .max(2)
    .optional(),
  when_never: z.enum(['explain']).optional(),
  acr: z.array(text(256)).max(16).optional(),
  max_age: z.int().min(0).optional(),
  title: text(512).optional(),
  description: text(8192).optional(),
  annotations: z.record(z.string(), z.unknown()).transform(hintsOf).optional(),
})

const items = z.array(Item).max(1000).default([])
const Catalogue = z.object({ server: z.string().min(1).max(2048), tools: items, prompts: items, resources: items })

/** Everything that a guard protects, as it says. */
export interface CatalogueBody {
  readonly server: string
  readonly items: readonly PublishedItem[]
}

/** Reads a catalogue; undefined when it is none, or names one thing twice. */
export function parseCatalogue(body: unknown): CatalogueBody | undefined {
  const parsed = Catalogue.safeParse(body)
  if (!parsed.success) return undefined
  const { server, tools, prompts, resources } = parsed.data
  const all = [...tools.map(toItem('tool')), ...prompts.map(toItem('prompt')), ...resources.map(toItem('resource'))]
  const names = new Set(all.map(({ kind, name }) => `${kind} ${name}`))
  return names.size === all.length ? { server, items: all } : undefined
}

function toItem(kind: ItemKind) {
  return ({
    name,
    scopes,
    title,
    description,
    annotations,
    conditions,
    when_never,
    acr,
    max_age,
  }: z.infer<typeof Item>) => ({
    kind,
    name,
    scopes,
    title,
    description,
    annotations,
    rule: {
      ...(conditions && { conditions }),
      ...(when_never && { when_never }),
      ...(acr && { acr }),
      ...(max_age !== undefined && { max_age }),
    },
  })
}
