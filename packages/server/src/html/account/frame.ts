import { name } from '../display-text.ts'
import { layout } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import type { AccountView, Place, Told } from './views.ts'

const TABS: readonly (readonly [Place, string])[] = [
  ['overview', 'Overview'],
  ['agents', 'Connected agents'],
  ['activity', 'Activity'],
  ['sessions', 'Sessions'],
  ['profile', 'Profile'],
  ['data', 'Your data'],
]

/** Under which tab the pages without one of their own are found. */
const PARENTS: Partial<Record<Place, Place>> = { password: 'profile', delete: 'data' }

const AT_ONCE =
  'MCP servers that listen for this refuse what it still holds within a second, the others when that runs out.'

const TOLD: Readonly<Record<Told, string>> = {
  'name changed': 'Your name is changed. Applications see the new one when they ask next.',
  'password changed': 'Your password is changed. You stay signed in here, and are signed out everywhere else.',
  'session ended': 'That session has ended, and so has what was connected from it.',
  'other sessions ended': 'You are signed out everywhere but here.',
  narrowed: `It may do less from now on. ${AT_ONCE}`,
  withdrawn: `Its access is withdrawn. ${AT_ONCE}`,
  'nothing changed': 'That was done before, or there was nothing to do. Nothing has changed now.',
}

/** The frame of every page of the account: who is signed in, where else there is something, and what was just done. */
export function accountPage(
  view: AccountView,
  place: Place,
  { title, lead, body, error }: { title: string; lead?: Html | string; body: Html; error?: Html | undefined },
): string {
  const current = PARENTS[place] ?? place
  return layout({
    title: error ? `Error: ${title}` : title,
    view,
    width: 'wide',
    main: html`<div class="account">
      <nav class="tabs" aria-label="Your account">
        <ul>
          ${TABS.map(
            ([tab, text]) =>
              html`<li><a href="${view.urls[tab]}" ${tab === current && html`aria-current="page"`}>${text}</a></li>`,
          )}
        </ul>
      </nav>
      <div class="head">
        <h1>${title}</h1>
        ${lead && html`<p>${lead}</p>`}
        <p class="aside">
          Signed in as <b>${name(view.person.name)}</b> (${name(view.person.username)}).
          <a href="${view.signOutUrl}">Sign out</a>
        </p>
      </div>
      ${error} ${view.told && html`<p class="notice good" role="status">${TOLD[view.told]}</p>`} ${body}
    </div>`,
  })
}

/** What went wrong with a form, said before it; the link leads to the field that it is about. */
export function problem(title: string, next: string, field?: string): Html {
  return html`<div class="notice danger" role="alert">
    <h2>${title}</h2>
    <p>${field === undefined ? next : html`<a href="#${field}">${next}</a>`}</p>
  </div>`
}
