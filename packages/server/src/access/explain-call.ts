// "May this person's assistant call this tool?", answered before anybody tries: each link of the permission, whether it is
// there, and what would change it. What only the guard can know stays open, and is said to be.
import { missingScopes, scopeClosure } from '@permitry/oauth'
import type { InTenant } from '../store/in-tenant.ts'
import { type CallFacts, findCallFacts, type HypotheticalCall } from './call-facts.ts'
import { guardOnly, outcomeOf } from './tool-outcome.ts'

/** One thing that must hold for a call. */
export interface Link {
  readonly link: LinkName
  /** `unknown`: only the guard can say, or nobody has told us. */
  readonly state: 'holds' | 'missing' | 'unknown'
  /** In words, for people. */
  readonly says: string
  /** What would change it; null for links that hold. */
  readonly change: string | null
}

export interface Explanation {
  /**
   * `allowed`: by a token that is there. `depends`: the same, if the guard finds the rest of the rule met. `ask`: consent or a
   * login is missing, which the person can give. `refused`: until an operator changes something. `unknown`: nobody has said
   * what the call needs.
   */
  readonly verdict: 'allowed' | 'depends' | 'ask' | 'refused' | 'unknown'
  readonly links: readonly Link[]
}

type Told = Omit<Link, 'link'>

/** In the order of the product's one sentence: roles ∩ client ∩ consent ∩ what the tool's rule needs. */
const LINKS = {
  person: describePerson,
  client: ({ call, client }) =>
    client
      ? told(
          client.active,
          `${client.name} is ${client.active ? 'active' : 'stopped'}`,
          `let ${client.name} work again`,
        )
      : told(false, `there is no application \`${call.clientId}\``, 'register it, or let it register itself'),
  server: ({ call, server }) =>
    server
      ? told(
          server.active,
          `${server.name} is ${server.active ? 'active' : 'suspended'}`,
          `let ${server.name} work again`,
        )
      : told(false, `there is no MCP server \`${call.serverId}\``, 'register it'),
  tool: describeTool,
  roles: describeRoles,
  client_scopes: describeClientScopes,
  consent: describeConsent,
  token: describeToken,
  rule: describeRule,
} as const satisfies Readonly<Record<string, (facts: Facts) => Told | undefined>>

type LinkName = keyof typeof LINKS

/** With the name of a role that would do, where roles lack something. */
interface Facts extends CallFacts {
  readonly helpfulRole: string | undefined
}

/** Explains a call that nobody has made yet, on what the database says now. */
export async function explainCall(t: InTenant, call: HypotheticalCall, now: number): Promise<Explanation> {
  const found = await findCallFacts(t, call, now)
  const notHeld = missingScopes(neededBy(found), found.access.roleScopes)
  const facts = { ...found, helpfulRole: await t.servers.roleThatHolds(call.serverId, notHeld) }
  const links = Object.entries(LINKS).flatMap(([link, describe]): Link[] => {
    const one = describe(facts)
    return one ? [{ link: link as LinkName, ...one }] : []
  })
  return { verdict: verdictOf(links), links }
}

/** What the person can make good by answering a page; everything else takes an operator. */
const OF_THE_PERSON: readonly LinkName[] = ['consent', 'token', 'rule']

function verdictOf(links: readonly Link[]): Explanation['verdict'] {
  const missing = links.filter(({ state }) => state === 'missing')
  if (missing.some(({ link }) => !OF_THE_PERSON.includes(link))) return 'refused'
  if (links.some(({ link, state }) => link === 'tool' && state === 'unknown')) return 'unknown'
  if (missing.length > 0) return 'ask'
  return links.some(({ state }) => state === 'unknown') ? 'depends' : 'allowed'
}

function told(holds: boolean, says: string, change: string): Told {
  return { state: holds ? 'holds' : 'missing', says, change: holds ? null : change }
}

function describePerson({ call, person, owner }: Facts): Told {
  if (!person) return told(false, `there is nobody with the id \`${call.subjectId}\``, 'check the id')
  const { name, status } = person
  if (status !== 'active') return told(false, `${name} is suspended`, `let ${name} in again`)
  const isOwned = owner === null || owner?.status === 'active'
  return isOwned
    ? told(true, `${name} is active`, '')
    : told(false, `whoever answers for ${name} is suspended or gone`, 'name another owner')
}

function describeTool({ call, server, entry }: Facts): Told | undefined {
  if (!server) return undefined
  const what = `the ${call.type} \`${call.name}\``
  if (!entry)
    return told(
      false,
      `nobody knows ${what} of ${server.name}`,
      'give it a rule in the guard, or import the tools again',
    )
  if (entry.scopes === null)
    return { state: 'unknown', says: `nobody has said what ${what} needs`, change: 'say which scopes it needs' }
  const { scopes } = entry
  return told(true, `${what} needs ${scopes.length === 0 ? 'a token for the server and no scope' : listed(scopes)}`, '')
}

function describeRoles(facts: Facts): Told | undefined {
  const { call, person, server, access, helpfulRole } = facts
  if (!server || !person) return undefined
  const missing = missingScopes(neededBy(facts), access.roleScopes)
  const who = person.name
  if (missing.length > 0)
    return told(
      false,
      `no role of ${who} holds ${listed(missing)}`,
      helpfulRole === undefined
        ? `add ${listed(missing)} to a role of ${who}`
        : `give ${who} a role that holds it, such as ${helpfulRole}`,
    )
  // Without any scope of a server there is no token for it.
  if (access.roleScopes.length === 0)
    return told(false, `no role of ${who} holds anything at \`${call.serverId}\``, `give ${who} a role that does`)
  return told(true, `roles of ${who} hold what it needs: ${access.roles.join(', ')}`, '')
}

function describeClientScopes(facts: Facts): Told | undefined {
  const { server, client, access, mayAsk } = facts
  if (!server || !client) return undefined
  if (!mayAsk)
    return told(false, `${client.name} may not ask for ${server.name}`, `authorize ${server.name} to ${client.name}`)
  const missing = missingScopes(neededBy(facts), access.clientScopes)
  return missing.length === 0
    ? told(true, `${client.name} may ask for it`, '')
    : told(
        false,
        `${client.name} may not ask for ${listed(missing)}`,
        `add ${listed(missing)} to what ${client.name} may ask for at ${server.name}`,
      )
}

function describeConsent(facts: Facts): Told | undefined {
  const { server, client, person, grant, isAlone } = facts
  if (!server || !client || !person || isAlone) return undefined
  const change = `${client.name} has to ask ${person.name}, who can allow it`
  if (!grant) return told(false, `${person.name} allowed ${client.name} nothing at ${server.name}`, change)
  if (!facts.isSameParty) return told(false, `${client.name} is another one than ${person.name} allowed it to`, change)
  const missing = missingScopes(neededBy(facts), grant.scopes, server.hierarchy)
  return missing.length === 0
    ? told(true, `${person.name} allowed it to ${client.name}`, '')
    : told(false, `${person.name} did not allow ${listed(missing)} to ${client.name}`, change)
}

function describeToken(facts: Facts): Told | undefined {
  const { client, person, entry, tokens, isAlone } = facts
  if (!client || !person || !entry || entry.scopes === null) return undefined
  const isCarried = outcomes(facts).some((outcome) => outcome === 'allow' || outcome === 'step_up')
  if (isCarried) return told(true, `${client.name} ${isAlone ? 'gets' : 'has'} a token that carries it`, '')
  const says = tokens.length === 0 ? `no living login of ${person.name}` : 'no token that carries it'
  return told(false, `${client.name} has ${says}`, `${client.name} has to send ${person.name} to sign in`)
}

function describeRule(facts: Facts): Told | undefined {
  const { server, person, entry } = facts
  if (!server || !entry) return undefined
  const found = outcomes(facts)
  if (found.includes('step_up') && !found.includes('allow'))
    return told(
      false,
      'the login is not strong or recent enough',
      `${person?.name ?? 'the person'} has to sign in again`,
    )
  const open = guardOnly(entry)
  if (open.length === 0) return undefined
  const on = open.map((one) => CONDITIONS[one] ?? one).join(' and ')
  return {
    state: 'unknown',
    says: `the rule also depends on ${on}: only the guard of ${server.name} knows`,
    change: null,
  }
}

const CONDITIONS: Readonly<Record<string, string>> = {
  arguments: 'the arguments of the call',
  object: 'the object that the arguments name',
}

/** What the guard would decide for each token, as far as scopes and login go. */
function outcomes({ tokens, entry, server, access, now }: Facts) {
  return tokens.map(({ scopes, login }) => {
    const closed = scopeClosure(scopes, server?.hierarchy)
    // A token without a scope of the server is never minted.
    if (!entry || scopes.length === 0) return undefined
    return outcomeOf(entry, { scopes: closed, entitlements: access.entitlements, now, ...login })?.outcome
  })
}

function neededBy({ entry }: CallFacts): readonly string[] {
  return entry?.scopes ?? []
}

function listed(scopes: readonly string[]): string {
  return scopes.map((scope) => `\`${scope}\``).join(', ')
}
