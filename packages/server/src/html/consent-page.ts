import { clientFacts, nameWarning, question, redirectWarning } from './consent-client.ts'
import { scopeGroups, scopeId, withheldScopes } from './consent-scopes.ts'
import { name } from './display-text.ts'
import { hiddenFields, layout } from './layout.ts'
import { html, type Html } from './markup.ts'
import type { ConsentView } from './views.ts'
import { count } from './wording.ts'

/**
 * Asks a person what a client may do. Posts `decision` (`allow` or `deny`) and one `scope` for each that stayed ticked.
 *
 * Shows what MCP asks for (Security Considerations: redirect host, warning for localhost only) and CIMD §6.4 (host of the
 * `client_id`). Both answers weigh the same, and Deny comes first: it is the button that Enter presses.
 */
export function consentPage(view: ConsentView): string {
  return layout({
    title: view.error ? 'Error: choose what to allow' : 'Choose what to allow',
    view,
    width: 'wide',
    requestId: view.requestId,
    main: html`<form method="post" action="${view.action}" class="card permit">
      ${hiddenFields(view)}
      <div class="head">
        <h1>${question(view)}</h1>
        <p class="aside">
          Signed in as <b>${name(view.person.name)}</b> (${name(view.person.username)}).
          <a href="${view.notYouUrl}">Not you?</a>
        </p>
        ${view.error && nothingTicked(view)}
      </div>
      <div class="who">${clientFacts(view)} ${nameWarning(view)} ${redirectWarning(view)}</div>
      <div class="what">${scopeGroups(view)} ${withheldScopes(view)}</div>
      <div class="stub">
        <div class="terms">${terms(view)}</div>
        <div class="decision" role="group" aria-label="Your decision">
          <button type="submit" name="decision" value="deny" class="button">Deny</button>
          <button type="submit" name="decision" value="allow" class="button">Allow</button>
        </div>
      </div>
    </form>`,
  })
}

function nothingTicked(view: ConsentView): Html {
  const first = [...view.scopes, ...view.identityScopes][0]
  const next = 'Tick at least one line, or choose Deny'
  return html`<div class="notice danger" role="alert">
    <h2>Nothing is ticked</h2>
    <p>${first ? html`<a href="#${encodeURIComponent(scopeId(first))}">${next}</a>` : next}</p>
  </div>`
}

function terms({ lasting, accountUrl }: ConsentView): Html {
  const end =
    lasting.absoluteDays === 0
      ? 'Access ends by itself within an hour.'
      : `Access ends after ${count(lasting.idleDays, 'day')} without use, and after ${count(lasting.absoluteDays, 'day')} at the latest.`
  const sooner = accountUrl
    ? html`You can end it sooner in <a href="${accountUrl}">your account</a>.`
    : 'The administrator can end it sooner.'
  return html`<p>${end} ${sooner}</p>
    <p>The application may pass what it reads on to the AI model that it works with.</p>`
}
