import { clientFingerprint } from '../authorize/client-fingerprint.ts'
import type { Asked } from '../authorize/next-step.ts'
import type { CatalogueEntry } from '../catalogue/entries.ts'
import { sha256 } from '../keys/secrets.ts'

/**
 * What a consent page shows, as a digest that its form carries. The answer counts for what was shown: when the client,
 * the scopes or the tools changed while the page was open, the person is asked again.
 */
export function shownOf(
  { client, redirectUri, target, scopes, identityScopes, news }: Asked,
  catalogue: readonly CatalogueEntry[],
): string {
  const { server } = target
  const texts = server?.scopes.filter(({ name }) => scopes.includes(name))
  const opened = catalogue.filter((entry) => entry.scopes?.some((scope) => scopes.includes(scope)))
  return sha256(
    JSON.stringify([
      clientFingerprint(client),
      redirectUri,
      target.audience,
      server?.name,
      scopes,
      texts,
      opened.map(({ kind, name, title, scopes: needed }) => [kind, name, title, needed]),
      scopes.map((scope) => news.get(scope) ?? null),
      identityScopes,
    ]),
  )
}
