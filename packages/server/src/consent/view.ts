import { isLoopbackHost } from '@permitry/oauth'
import type { CatalogueEntry } from '../catalogue/entries.ts'
import { proofOf } from '../authorize/flow-step.ts'
import { displayHost } from '../authorize/response.ts'
import type { Asked } from '../authorize/next-step.ts'
import type { Flow } from '../authorize/stored-request.ts'
import type { ClientView, ConsentView, IdentityScopeView, RedirectView, ScopeView } from '../html/index.ts'
import { notYouUrl } from '../login/endpoint.ts'
import { logoPath } from '../register/logo/endpoint.ts'
import type { SignedIn } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import { documentHost } from '../register/document/url.ts'
import type { Client } from '../store/repositories/clients.ts'
import { looksLike } from './look-alike.ts'
import { shownOf } from './shown.ts'

const identityScopeTexts: Readonly<Record<string, { title: string; description: string }>> = {
  openid: { title: 'Know who you are', description: 'An id that stands for you here, and when you signed in.' },
  profile: { title: 'See your name', description: 'The name and user name of your account.' },
  email: { title: 'See your email address', description: 'The address of your account.' },
}

/** What the page says beyond the request itself. */
interface Known {
  readonly catalogue: readonly CatalogueEntry[]
  readonly roleHints: ReadonlyMap<string, string>
  readonly logo: string | undefined
  /** Names that an operator chose; none where the client is an operator's itself. */
  readonly trustedNames: readonly string[]
}

/** Says in words what is asked, from the facts that the decision was made on. */
export function consentView(
  realm: Realm,
  flow: Flow,
  signedIn: SignedIn,
  asked: Asked,
  { catalogue, roleHints, logo, trustedNames }: Known,
): ConsentView {
  const { client, target, grant } = asked
  const taken = looksLike(client.name, trustedNames)
  const binding = { requestId: flow.requestId, browserHash: flow.browserHash, sessionId: signedIn.session.id }
  const describe = (name: string): ScopeView => {
    const scope = target.server?.scopes.find((candidate) => candidate.name === name)
    const news = asked.news.get(name)
    return {
      name,
      title: scope?.title ?? name,
      description: scope?.description ?? '',
      risk: scope?.risk ?? 'write',
      tools: catalogue
        .filter(({ kind, scopes }) => kind === 'tool' && scopes?.includes(name))
        .map((tool) => ({ name: tool.name, title: tool.title })),
      alreadyGranted: grant?.scopes.includes(name) ?? false,
      ...(news === undefined ? {} : { news }),
    }
  }
  return {
    action: 'consent',
    hidden: { request: flow.requestId, proof: proofOf(realm, 'consent', binding), shown: shownOf(asked, catalogue) },
    person: { name: signedIn.subject.name, username: signedIn.subject.username ?? signedIn.subject.id },
    notYouUrl: notYouUrl(realm, flow),
    client: {
      ...clientView(realm, client),
      ...(logo === undefined ? {} : { logo: logoPath(logo) }),
      ...(taken === undefined ? {} : { looksLike: taken }),
    },
    redirect: redirectView(asked),
    ...(target.server
      ? { server: { name: target.server.name, identifier: target.server.identifier, url: target.audience } }
      : {}),
    scopes: asked.scopes.map(describe),
    identityScopes: asked.identityScopes.flatMap((name) =>
      identityScope(name, grant?.identityScopes.includes(name) ?? false),
    ),
    withheld: asked.withheld.map((name) => {
      const roleHint = roleHints.get(name)
      return { name, title: describe(name).title, reason: 'role', ...(roleHint === undefined ? {} : { roleHint }) }
    }),
    lasting: client.grantTypes.includes('refresh_token')
      ? { idleDays: 14, absoluteDays: 90 }
      : { idleDays: 0, absoluteDays: 0 },
    accountUrl: `${realm.issuer}/account/agents`,
    requestId: flow.requestId,
  }
}

/** What a page says of a client by itself. */
export function clientView(realm: Realm, { id, name, registration, createdAt }: Client): ClientView {
  return {
    name,
    verified: registration === 'registered',
    registration,
    firstSeenAt: createdAt,
    firstSeenToday: dayOf(createdAt) === dayOf(realm.now()),
    ...(registration === 'cimd' ? { idHost: documentHost(id) } : {}),
  }
}

function dayOf(at: number): number {
  return Math.floor(at / 86_400_000)
}

/** What a scope about the person is called; nothing for those that no page shows. */
export function identityScope(name: string, alreadyGranted: boolean): IdentityScopeView[] {
  const text = identityScopeTexts[name]
  return text ? [{ name, ...text, alreadyGranted, required: name === 'openid' }] : []
}

function redirectView({ redirectUri }: Asked): RedirectView {
  const url = new URL(redirectUri)
  return {
    host: displayHost(url),
    loopback: /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname),
    customScheme: !/^https?:$/.test(url.protocol),
  }
}
