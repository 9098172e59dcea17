import { address, name, sentence } from './display-text.ts'
import { html, type Html } from './markup.ts'
import type { ClientView, ConsentView, ServerView } from './views.ts'
import { dateInWords } from './wording.ts'

/** The heading. The less is known about a client, the less the page lends its name a voice. */
export function question({ client, server }: ConsentView): Html {
  const asks = html`asks to use ${server ? name(server.name) : 'your account'}`
  if (isVouchedFor(client)) return html`${name(client.name)} ${asks}`
  return client.idHost === undefined
    ? html`An application that calls itself ${name(client.name)} ${asks}`
    : html`${name(client.name)} from ${address(client.idHost)} ${asks}`
}

/** Who asks, for which MCP server and whose data, and where the answer goes. */
export function clientFacts({ client, server, redirect, whoseData, tenantName }: ConsentView): Html {
  return html`<dl class="facts">
    ${applicationFacts(client, tenantName)} ${server && serverFact(server)}
    ${whoseData && fact('Whose data', html`<p>${sentence(whoseData)}</p>`)}
    ${fact('You return to', address(redirect.host))}
  </dl>`
}

/** What an application calls itself, who vouches for that, and the host that identifies it. */
export function applicationFacts(client: ClientView, tenantName: string | undefined): Html {
  return html`<div>
      <dt>Application</dt>
      <dd>
        ${logo(client)} ${name(client.name)} ${badge(client)}
        <p>${standing(client, tenantName)}</p>
      </dd>
    </div>
    ${client.idHost && fact('Identified by', address(client.idHost))}`
}

/** The MCP server by its name, its identifier and the address under which it is used. */
export function serverFact(server: ServerView): Html {
  return fact(
    'MCP server',
    html`${name(server.name)}
      <p>${address(server.identifier)}</p>
      ${server.url !== server.identifier && html`<p>${address(server.url)}</p>`}`,
  )
}

/** People trust names. One that poses as what the administrator registered is told apart from it, with both beside each other. */
export function nameWarning({ client }: Pick<ConsentView, 'client'>): Html | undefined {
  if (client.looksLike === undefined) return undefined
  return warning(
    'This name looks like one that is registered here',
    html`The administrator registered ${name(client.looksLike)}. What asks now is something else, and chose to call
    itself ${name(client.name)}.`,
  )
}

/** What a person should know before the answer goes to a program that cannot be told from another (MCP, Localhost Redirect URI Risks). */
export function redirectWarning({ redirect, client }: ConsentView): Html | undefined {
  if (redirect.customScheme) {
    return warning(
      'This opens a program on your own device',
      html`Any installed program can claim ${address(redirect.host)}. Continue only if you have just started this from
      ${name(client.name)} yourself.`,
    )
  }
  if (redirect.loopback) {
    return warning(
      'This returns to a program on your own computer',
      html`Any program that runs here can pose as ${name(client.name)}. Continue only if you have just started this
      yourself.`,
    )
  }
  return undefined
}

/** One term of the facts on a page. */
export function fact(term: string, description: Html): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${description}</dd>
  </div>`
}

function warning(title: string, text: Html): Html {
  return html`<div class="notice caution">
    <h2>${title}</h2>
    <p>${text}</p>
  </div>`
}

function isVouchedFor({ verified, registration }: ClientView): boolean {
  return verified || registration === 'registered'
}

/** Whether anybody vouches for an application, in a word. */
export function badge(client: ClientView): Html {
  if (client.registration === 'registered') return html`<span class="tag good">Registered</span>`
  return client.verified
    ? html`<span class="tag good">Verified</span>`
    : html`<span class="tag caution">Not verified</span>`
}

/** No larger than the name (pages.css), and without a text of its own: it says less than the name, which nobody checked either. */
function logo(client: ClientView): Html | undefined {
  if (client.logo === undefined || isVouchedFor(client)) return undefined
  return html`<img src="${client.logo}" alt="" class="logo" />`
}

function standing(client: ClientView, tenantName: string | undefined): Html {
  const administrator = html`the administrator${tenantName && html` of ${name(tenantName)}`}`
  const today = client.firstSeenToday === true
  const seenBefore = client.firstSeenAt !== undefined && !today && ` First seen on ${dateInWords(client.firstSeenAt)}.`
  const seen = today ? ' First seen today.' : seenBefore
  if (client.registration === 'registered') return html`By ${administrator}.`
  if (client.verified) return html`Checked by ${administrator}.${seen}`
  return client.registration === 'cimd'
    ? html`It chose this name itself, and nobody here vouches for it. Trust it only if you trust the host that
      identifies it.${seen}`
    : html`It registered itself ${today && 'today '}and chose this name, and nobody here vouches for it.${seenBefore}`
}
