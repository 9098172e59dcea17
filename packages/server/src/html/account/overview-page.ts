import { badge } from '../consent-client.ts'
import { name } from '../display-text.ts'
import { card } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import { count, minuteInWords } from '../wording.ts'
import { callList } from './calls.ts'
import { accountPage } from './frame.ts'
import type { AgentView, OverviewView } from './views.ts'

/** What acts in the person's name, what it did last, and where the person is signed in. */
export function overviewPage(view: OverviewView): string {
  const { agents, calls, sessionCount, urls } = view
  return accountPage(view, 'overview', {
    title: 'Your account',
    body: html`<div class="columns">
        ${card(
          html`<h2>
              ${agents.length === 0 ? 'No application acts' : `${count(agents.length, 'connected agent')} may act`} in
              your name
            </h2>
            ${
              agents.length > 0 &&
              html`<ul class="rows">
                ${agents.map(agentRow)}
              </ul>`
            }`,
          html`<p><a href="${urls.agents}">See what each may do, and take it back</a></p>`,
        )}
        ${card(
          html`<h2>What was done in your name</h2>
            ${calls.length === 0 ? html`<p>Nothing yet.</p>` : callList(calls)}`,
          html`<p><a href="${urls.activity}">See all of it</a></p>`,
        )}
      </div>
      <div class="card">
        <div class="stub plain">
          <p>
            You are signed in with ${count(sessionCount, 'browser')}.
            <a href="${urls.sessions}">${sessionCount === 1 ? 'See it' : 'See them and sign out'}</a>
          </p>
          <p><a href="${urls.password}">Change your password</a></p>
        </div>
      </div>`,
  })
}

function agentRow({ client, server, last, url }: AgentView): Html {
  return html`<li>
    <p class="line"><a href="${url}">${name(client.name)}</a> ${badge(client)}</p>
    <p class="aside">
      ${server ? html`At ${name(server.name)}` : 'Knows who you are'}.
      ${last ? html`Last used ${minuteInWords(last.at)}.` : 'Never used.'}
    </p>
  </li>`
}
