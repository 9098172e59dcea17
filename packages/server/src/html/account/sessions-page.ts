import { displayText, name } from '../display-text.ts'
import { hiddenFields } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import { minuteInWords } from '../wording.ts'
import { accountPage } from './frame.ts'
import type { SessionsView, SessionView } from './views.ts'

/** Where the person is signed in. Each form posts the hidden fields. */
export function sessionsPage(view: SessionsView): string {
  const hasOthers = view.sessions.some(({ isThis }) => !isThis)
  return accountPage(view, 'sessions', {
    title: 'Sessions',
    lead: 'Browsers in which you are signed in. End those that you do not know, then change your password.',
    body: html`<div class="card">
      <div class="body">
        <ul class="rows">
          ${view.sessions.map(sessionRow)}
        </ul>
      </div>
      ${
        hasOthers &&
        html`<div class="stub actions">
          <p>What was connected from a session ends with it. What you allowed stays: applications ask you again.</p>
          <form method="post" action="${view.endOthers.action}" class="buttons">
            ${hiddenFields(view.endOthers)}
            <button type="submit" class="button taking">End all others</button>
          </form>
        </div>`
      }
    </div>`,
  })
}

function sessionRow({ isThis, signedInAt, endsAt, clientNames, end }: SessionView): Html {
  const label = `End the session of ${minuteInWords(signedInAt)}`
  return html`<li class="with-button">
    <div>
      <p class="line">
        <b>Signed in ${minuteInWords(signedInAt)}</b> ${isThis && html`<span class="tag good">This browser</span>`}
      </p>
      <p class="aside">Ends ${minuteInWords(endsAt)} if it is not used.</p>
      ${
        clientNames.length > 0 &&
        html`<p class="aside">
          Connected from it: ${clientNames.map((client, at) => html`${at > 0 && ', '}${name(client)}`)}.
        </p>`
      }
    </div>
    ${
      !isThis &&
      html`<form method="post" action="${end.action}">
        ${hiddenFields(end)}
        <button type="submit" class="button taking" aria-label="${displayText(label)}">End</button>
      </form>`
    }
  </li>`
}
