import { name } from './display-text.ts'
import { card, hiddenFields, layout } from './layout.ts'
import { html, type Html } from './markup.ts'
import type { SetupDoneView, SetupView } from './views.ts'

const ERRORS: Readonly<Record<NonNullable<SetupView['error']>, readonly [title: string, field: string, next: string]>> =
  {
    names: ['User name and name are both needed', 'username', 'Fill in both, with at most 200 letters each'],
    taken: ['Somebody has this user name', 'username', 'Choose another one'],
    password: ['This password cannot be taken', 'password', 'Use at least 8 characters'],
    differ: ['The passwords differ', 'password', 'Type the same one twice'],
    busy: ['There is much to do at the moment', 'password', 'Wait a few seconds and try again'],
  }

/** Asks whoever opened a setup link who the first owner is. */
export function setupPage(view: SetupView): string {
  const error = view.error && ERRORS[view.error]
  const describedBy = error && html`aria-describedby="setup-error"`
  return layout({
    title: error ? 'Error: first owner' : 'First owner',
    view,
    main: card(
      html`<h1>Make the first owner</h1>
        <p class="lead">
          Nobody administers this server yet. The owner may do everything here, and make others owners.
        </p>
        ${
          error &&
          html`<div class="notice danger" role="alert">
            <h2 id="setup-error">${error[0]}</h2>
            <p><a href="#${error[1]}">${error[2]}</a></p>
          </div>`
        }
        <form method="post" action="${view.action}" class="stack">
          ${hiddenFields(view)}
          ${field('name', 'Your name', html`type="text" value="${view.name}" autocomplete="name" maxlength="200"`)}
          ${field(
            'username',
            'User name',
            html`type="text" value="${view.username}" autocomplete="username" autocapitalize="none" autocorrect="off"
            spellcheck="false" maxlength="200" ${describedBy}`,
          )}
          ${field('password', 'Password', html`type="password" autocomplete="new-password" minlength="8" maxlength="1024" ${describedBy}`)}
          ${field('again', 'Password again', html`type="password" autocomplete="new-password" maxlength="1024"`)}
          <button type="submit" class="button solid">Make the owner</button>
        </form>`,
      html`<p>This link works once, and for an hour after it was made.</p>`,
    ),
  })
}

/** Says that the owner is there. Nobody is signed in by a link. */
export function setupDonePage(view: SetupDoneView): string {
  return layout({
    title: 'The owner is there',
    view,
    main: card(
      html`<h1>The owner is there</h1>
        <p class="lead">${name(view.username)} may administer this server now. The link is spent.</p>
        <p><a class="button solid" href="${view.nextUrl}">Sign in</a></p>`,
    ),
  })
}

function field(id: string, label: string, attributes: Html): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <input id="${id}" name="${id}" required ${attributes} />
  </div>`
}
