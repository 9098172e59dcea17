import { applicationFacts, badge, fact, nameWarning, serverFact } from '../consent-client.ts'
import { group } from '../consent-scopes.ts'
import { address, name } from '../display-text.ts'
import { hiddenFields } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import { dateInWords } from '../wording.ts'
import { lastCall } from './calls.ts'
import { accountPage, problem } from './frame.ts'
import type { AgentPageView, AgentsView, AgentView } from './views.ts'

/** Every application that may act in the person's name, with what it may do and what it last did. Posts the hidden fields. */
export function agentsPage(view: AgentsView): string {
  return accountPage(view, 'agents', {
    title: 'Connected agents',
    lead: 'Applications that act in your name. You can take back what you allowed, at any time.',
    body: html`${view.agents.map(agentCard)} ${view.agents.length === 0 && noAgents}`,
  })
}

/** One grant in full. Posts `decision` (`narrow` or `withdraw`) and one `scope` for each that stayed ticked. */
export function agentPage(view: AgentPageView): string {
  const { agent } = view
  const error =
    view.error &&
    problem(
      'This was changed meanwhile',
      'Below is what is allowed now. Look at it once more; nothing was changed by you.',
    )
  return accountPage(view, 'agents', {
    title: 'What it may do',
    error,
    body: html`<form method="post" action="${view.narrow.action}" class="card">
      ${hiddenFields(view.narrow)}
      <div class="body">
        ${nameWarning(agent)}
        <dl class="facts">
          ${applicationFacts(agent.client, view.tenantName)} ${agent.server && serverFact(agent.server)} ${facts(agent)}
        </dl>
        ${group('It can', view.scopes)} ${group('It learns about you', view.identityScopes)}
      </div>
      <div class="stub actions">
        <p>Untick what it shall not do any more. To allow more again, connect it anew from the application.</p>
        <div class="buttons">
          ${
            mayBeNarrowed(view) &&
            html`<button type="submit" name="decision" value="narrow" class="button">Keep only what is ticked</button>`
          }
          <button type="submit" name="decision" value="withdraw" class="button taking">Withdraw all of it</button>
        </div>
      </div>
    </form>`,
  })
}

const noAgents = html`<div class="card">
  <div class="body">
    <p>No application acts in your name. When you connect one, it is listed here.</p>
  </div>
</div>`

function agentCard(agent: AgentView): Html {
  const { client, server } = agent
  return html`<div class="card">
    <div class="body">
      <div>
        <h2>${name(client.name)} ${badge(client)}</h2>
        <p class="aside">
          ${client.idHost && html`${address(client.idHost)}. `}${server ? html`At ${name(server.name)}` : 'Knows who you are'}.
        </p>
      </div>
      ${
        agent.may.length > 0 &&
        html`<ul class="tools" aria-label="What it may do">
          ${agent.may.map((title) => html`<li>${name(title)}</li>`)}
        </ul>`
      }
      <dl class="facts">${facts(agent)}</dl>
    </div>
    <div class="stub actions">
      <form method="post" action="${agent.withdraw.action}" class="buttons">
        ${hiddenFields(agent.withdraw)}
        <a class="button" href="${agent.url}">Change what it may do</a>
        <button type="submit" name="decision" value="withdraw" class="button taking">Withdraw</button>
      </form>
    </div>
  </div>`
}

function facts({ allowedAt, last }: AgentView): Html {
  return html`${fact('You allowed it on', html`${dateInWords(allowedAt)}`)}
  ${fact('What it last did', last ? lastCall(last) : html`Nothing yet`)}`
}

function mayBeNarrowed({ scopes, identityScopes }: AgentPageView): boolean {
  return [...scopes, ...identityScopes].some(({ required }) => required !== true)
}
