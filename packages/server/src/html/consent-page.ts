import { address, name, sentence } from './display-text.ts'
import { hiddenFields, layout } from './layout.ts'
import { html, type Html } from './markup.ts'
import type { ClientView, ConsentView, IdentityScopeView, ScopeView, ToolView, WithheldScopeView } from './views.ts'
import { count, dateInWords } from './wording.ts'

const TOOLS_SHOWN = 6

/**
 * Asks a person what a client may do. Posts `decision` (`allow` or `deny`) and one `scope` for each that stayed ticked.
 *
 * Shows what MCP asks for (Security Considerations: redirect host, warning for localhost only) and CIMD §6.4 (host of the
 * `client_id`). Deny comes first: it is the button that Enter presses.
 */
export function consentPage(view: ConsentView): Html {
  const asked = view.scopes.filter((scope) => !scope.alreadyGranted)
  const granted = view.scopes.filter((scope) => scope.alreadyGranted)
  return layout({
    title: view.error ? 'Error: choose what to allow' : 'Choose what to allow',
    view,
    width: 'wide',
    main: html` <form method="post" action="${view.action}" class="permit">
        ${hiddenFields(view)}
        <div class="head">
          <h1>${question(view)}</h1>
          <p class="person">
            Signed in as <b>${name(view.person.name)}</b> (${name(view.person.username)}).
            <a href="${view.notYouUrl}">Not you?</a>
          </p>
          ${
            view.error &&
            html`<div class="notice danger" role="alert">
              <h2>Nothing is ticked</h2>
              <p><a href="#scope-0">Tick at least one line, or choose Deny</a></p>
            </div>`
          }
        </div>
        <div class="who">${facts(view)} ${redirectWarning(view)}</div>
        <div class="what">
          ${
            asked.length > 0 &&
            html`<fieldset>
              <legend>${granted.length > 0 ? 'It now also asks to' : 'It would be able to'}</legend>
              ${view.whoseData && html`<p class="whose">${sentence(view.whoseData)}</p>`}
              <div class="scopes">${asked.map((scope, index) => scopeCard(scope, `scope-${index}`))}</div>
            </fieldset>`
          }
          ${
            granted.length > 0 &&
            html`<fieldset>
              <legend>You already allow it to</legend>
              <div class="scopes">${granted.map((scope, index) => scopeCard(scope, `granted-${index}`))}</div>
            </fieldset>`
          }
          ${
            view.identityScopes.length > 0 &&
            html`<fieldset>
              <legend>It would know about you</legend>
              <div class="scopes">
                ${view.identityScopes.map((scope, index) => scopeCard({ ...scope, tools: [] }, `identity-${index}`))}
              </div>
            </fieldset>`
          }
          ${view.withheld.length > 0 && withheldScopes(view.withheld, view.tenantName)}
        </div>
        <div class="stub">
          <div class="terms">
            <p>
              Access ends after ${count(view.lasting.idleDays, 'day')} without use, and after
              ${count(view.lasting.absoluteDays, 'day')} at the latest. You can end it
              sooner${view.accountUrl ? html` in <a href="${view.accountUrl}">your account</a>` : ''}.
            </p>
            <p>What it reads, it may pass on to the AI model that it works with.</p>
          </div>
          <div class="decision" role="group" aria-label="Your decision">
            <button type="submit" name="decision" value="deny" class="button">Deny</button>
            <button type="submit" name="decision" value="allow" class="button">Allow</button>
          </div>
        </div>
      </form>
      <p class="request">Request ${address(view.requestId)}</p>`,
  })
}

/** The less is known about a client, the less the heading lends its name our voice. */
function question({ client, server }: ConsentView): Html {
  const asks = html`asks to use ${server ? name(server.name) : 'your account'}`
  if (client.verified || client.registration === 'registered') return html`${name(client.name)} ${asks}`
  return client.registration === 'cimd' && client.idHost
    ? html`${name(client.name)} from ${address(client.idHost)} ${asks}`
    : html`An application that calls itself ${name(client.name)} ${asks}`
}

function facts({ client, server, redirect, tenantName }: ConsentView): Html {
  return html`<dl class="facts">
    <div>
      <dt>Application</dt>
      <dd>
        ${name(client.name)}${badge(client)}
        <p>${standing(client, tenantName)}</p>
      </dd>
    </div>
    ${
      client.idHost &&
      html`<div>
        <dt>Identified by</dt>
        <dd>${address(client.idHost)}</dd>
      </div>`
    }
    ${
      server &&
      html`<div>
        <dt>MCP server</dt>
        <dd>
          ${name(server.name)}
          <p>${address(server.identifier)}</p>
          ${server.url !== server.identifier && html`<p>${address(server.url)}</p>`}
        </dd>
      </div>`
    }
    <div>
      <dt>You return to</dt>
      <dd>${address(redirect.host)}</dd>
    </div>
  </dl>`
}

function badge({ verified, registration }: ClientView): Html {
  return verified || registration === 'registered'
    ? html` <span class="tag good">Verified</span>`
    : html` <span class="tag caution">Not verified</span>`
}

function standing(client: ClientView, tenantName: string | undefined): Html {
  const admin = html`the administrator${tenantName && html` of ${name(tenantName)}`}`
  const seen = client.firstSeenAt && ` First seen on ${dateInWords(client.firstSeenAt)}.`
  if (client.registration === 'registered') return html`Registered by ${admin}.`
  if (client.verified) return html`Checked by ${admin}.${seen}`
  return client.registration === 'cimd'
    ? html`It chose this name itself. Trust it only if you trust the host that identifies it.${seen}`
    : html`It registered itself and chose this name. Nobody has checked who is behind it.${seen}`
}

function redirectWarning({ redirect, client }: ConsentView): Html | undefined {
  if (redirect.customScheme) {
    return html`<div class="notice caution">
      <h2>This opens a program on your device</h2>
      <p>
        Any installed program can claim ${address(redirect.host)}. Continue only if you have just started this from
        ${name(client.name)} yourself.
      </p>
    </div>`
  }
  if (redirect.loopbackOnly) {
    return html`<div class="notice caution">
      <h2>This returns to a program on your own computer</h2>
      <p>
        Any program that runs there can pose as ${name(client.name)}. Continue only if you have just started this
        yourself.
      </p>
    </div>`
  }
  return undefined
}

const risks = {
  read: html`<span class="tag good">Reads</span>`,
  write: html`<span class="tag caution">Changes</span>`,
  destructive: html`<span class="tag danger">Can delete</span>`,
}

function scopeCard(scope: IdentityScopeView & Partial<Pick<ScopeView, 'risk' | 'tools'>>, id: string): Html {
  const box = scope.required
    ? html`<input type="hidden" name="scope" value="${scope.name}" /><input
          type="checkbox"
          id="${id}"
          checked
          disabled
          aria-describedby="${id}-about"
        />`
    : html`<input
        type="checkbox"
        id="${id}"
        name="scope"
        value="${scope.name}"
        checked
        aria-describedby="${id}-about"
      />`
  return html`<div class="scope">
    ${box}
    <label for="${id}">${name(scope.title)}</label>
    ${scope.risk && risks[scope.risk]}
    <div id="${id}-about" class="about">
      <p>${sentence(scope.description)}${scope.required ? ' Always part of it.' : ''}</p>
      ${scope.tools && scope.tools.length > 0 && toolList(scope.tools)}
    </div>
  </div>`
}

function toolList(tools: ToolView[]): Html {
  const rest = tools.slice(TOOLS_SHOWN)
  return html`<ul class="tools" aria-label="Tools">
      ${tools.slice(0, TOOLS_SHOWN).map(toolItem)}
    </ul>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${count(rest.length, 'more tool')}</summary>
        <ul class="tools">
          ${rest.map(toolItem)}
        </ul>
      </details>`
    }`
}

function toolItem(tool: ToolView): Html {
  return html`<li>${name(tool.title || tool.name)}</li>`
}

function withheldScopes(withheld: WithheldScopeView[], tenantName: string | undefined): Html {
  return html`<section class="withheld">
    <h2>It also asked for, and will not get</h2>
    <ul>
      ${withheld.map((scope) => html`<li><b>${name(scope.title)}</b>. Your role does not include this${scope.roleHint && html`; the role ${name(scope.roleHint)} does`}.</li>`)}
    </ul>
    <p>If you need it, ask the administrator${tenantName && html` of ${name(tenantName)}`}.</p>
  </section>`
}
