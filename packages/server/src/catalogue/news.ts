import type { CatalogueChange } from '../store/repositories/catalogue.ts'

/** What is new about a scope since a person allowed it. */
export interface ScopeNews {
  /** Tools, prompts and resources that it opens now and did not open then, by title. */
  readonly opens: readonly string[]
  /** Those that it opened already, and of which more is to be feared than then. */
  readonly riskier: readonly { readonly title: string; readonly now: 'changes' | 'deletes' }[]
  readonly renamed: readonly { readonly before: string; readonly after: string }[]
  /** Those that describe themselves in other words, which is what a model reads. */
  readonly redescribed: readonly string[]
  /** The scope itself is worded otherwise, or its risk is another. */
  readonly isReworded: boolean
}

/** Whether a person should be asked again because of it: what was allowed has become more than it was. */
export function isMore({ opens, riskier, isReworded }: ScopeNews): boolean {
  return opens.length > 0 || riskier.length > 0 || isReworded
}

/**
 * What changed about a scope, given with those that it carries along, after a version; undefined when nothing did that a
 * person would want to know.
 */
export function newsOf(
  scopes: readonly string[],
  changes: readonly CatalogueChange[],
  since: number,
): ScopeNews | undefined {
  const spans = [...spansOf(changes.filter(({ version }) => version > since))]
  const items = spans.filter(({ kind, after }) => kind !== 'scope' && opensBy(after, scopes))
  const kept = items.filter(({ before }) => opensBy(before, scopes))
  const news: ScopeNews = {
    opens: items.filter(({ before }) => !opensBy(before, scopes)).map(({ after }) => textOf(after, 'title')),
    riskier: kept.flatMap(({ before, after }) => {
      const [then, now] = [riskOf(before), riskOf(after)]
      if (then === undefined || now === undefined || now <= then) return []
      return [{ title: textOf(after, 'title'), now: now === 2 ? 'deletes' : 'changes' } as const]
    }),
    renamed: kept.flatMap(({ name, before, after }) => {
      const [old, young] = [textOf(before, 'title'), textOf(after, 'title')]
      // A title that was the name was none yet.
      return old === young || old === name ? [] : [{ before: old, after: young }]
    }),
    redescribed: kept
      .filter(({ before, after }) => isOtherText(textOf(before, 'description'), textOf(after, 'description')))
      .map(({ after }) => textOf(after, 'title')),
    isReworded: spans.some(
      ({ kind, name, before, after }) =>
        kind === 'scope' && scopes.includes(name) && before !== null && isOther(before, after),
    ),
  }
  const { opens, riskier, renamed, redescribed, isReworded } = news
  const isNothing = [opens, riskier, renamed, redescribed].every((list) => list.length === 0) && !isReworded
  return isNothing ? undefined : news
}

type Span = Omit<CatalogueChange, 'version' | 'at' | 'source'>

/** The first state and the last of each thing that changed, however often it did. */
function spansOf(changes: readonly CatalogueChange[]): Iterable<Span> {
  const spans = new Map<string, Span>()
  for (const { kind, name, before, after } of changes) {
    const key = `${kind} ${name}`
    spans.set(key, { kind, name, before: spans.has(key) ? (spans.get(key)?.before ?? null) : before, after })
  }
  return spans.values()
}

type Facts = CatalogueChange['before']

function opensBy(facts: Facts, scopes: readonly string[]): boolean {
  const needed = facts?.['scopes']
  return Array.isArray(needed) && needed.some((scope) => scopes.includes(String(scope)))
}

function textOf(facts: Facts, name: 'title' | 'description'): string {
  const text = facts?.[name]
  return typeof text === 'string' ? text : ''
}

/** What a tool's hints admit to: 0 it reads, 1 it changes something, 2 it may destroy something; undefined without any. */
function riskOf(facts: Facts): 0 | 1 | 2 | undefined {
  const { readOnlyHint, destructiveHint } = (facts?.['annotations'] ?? {}) as Readonly<Record<string, unknown>>
  if (readOnlyHint === true) return 0
  if (destructiveHint === true) return 2
  return readOnlyHint === false || destructiveHint === false ? 1 : undefined
}

/** A description that is heard for the first time is no other one. */
function isOtherText(before: string, after: string): boolean {
  return before !== '' && before !== after
}

function isOther(before: NonNullable<Facts>, after: Facts): boolean {
  return ['title', 'description', 'risk'].some((name) => before[name] !== after?.[name])
}
