import type { CatalogueItem, ItemKind } from '../store/repositories/catalogue.ts'

/** What somebody says about an item; what is left out they do not know. */
export interface PublishedItem {
  readonly kind: ItemKind
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly annotations?: CatalogueItem['annotations'] | undefined
  /** Only a guard knows it. */
  readonly scopes?: readonly string[] | undefined
  readonly rule?: CatalogueItem['rule'] | undefined
}

/**
 * What is known after a guard has published: all that it names and nothing else. A guard that has just started has seen no
 * list yet, so what it does not say of an item stays as it was.
 */
export function afterPublication(known: readonly CatalogueItem[], items: readonly PublishedItem[]): CatalogueItem[] {
  return items.map((item) => {
    const before = find(known, item)
    return { ...described(item, before), scopes: item.scopes ?? [], rule: item.rule ?? {}, source: 'guard' }
  })
}

/**
 * What is known after somebody connected and looked: what things say of themselves, for all that was seen. What a guard
 * published stays, since one caller does not see everything; what was found the same way before, and is gone now, goes.
 */
export function afterImport(known: readonly CatalogueItem[], items: readonly PublishedItem[]): CatalogueItem[] {
  const isPublished = known.some(({ source }) => source === 'guard')
  const published = known.filter(({ source }) => source === 'guard')
  const seen = items.flatMap((item): CatalogueItem[] => {
    const before = find(known, item)
    // Without a rule nobody can use it.
    if (isPublished && before?.source !== 'guard') return []
    const { scopes = null, rule = {}, source = 'import' } = before ?? {}
    return [{ ...described(item, before), scopes, rule, source }]
  })
  return [...published.filter((one) => !find(seen, one)), ...seen]
}

function described(item: PublishedItem, before: CatalogueItem | undefined) {
  return {
    kind: item.kind,
    name: item.name,
    title: item.title ?? before?.title ?? null,
    description: item.description ?? before?.description ?? null,
    annotations: item.annotations ?? before?.annotations ?? {},
  }
}

function find<T extends { readonly kind: ItemKind; readonly name: string }>(
  items: readonly T[],
  { kind, name }: { readonly kind: ItemKind; readonly name: string },
): T | undefined {
  return items.find((item) => item.kind === kind && item.name === name)
}
