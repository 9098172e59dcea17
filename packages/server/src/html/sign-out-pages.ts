import { name } from './display-text.ts'
import { card, hiddenFields, layout } from './layout.ts'
import { html } from './markup.ts'
import type { SignedOutView, SignOutConfirmView } from './views.ts'

/** Asks before a session ends, since any page can link to the logout endpoint (OIDC RP-Initiated Logout §2). Posts the hidden fields. */
export function signOutConfirmPage(view: SignOutConfirmView): string {
  return layout({
    title: 'Sign out?',
    view,
    main: card(
      html`<h1>Sign out?</h1>
        <p class="lead">
          ${view.clientName && html`${name(view.clientName)} asks to sign you out.`} You are signed in as
          <b>${name(view.person.name)}</b> (${name(view.person.username)}).
        </p>
        <form method="post" action="${view.action}">
          ${hiddenFields(view)}
          <button type="submit" class="button solid">Sign out</button>
        </form>`,
      html`<p>To stay signed in, close this page. Signing out does not take back what you allowed to applications.</p>`,
    ),
  })
}

/** Says that the session is over. */
export function signedOutPage(view: SignedOutView): string {
  return layout({
    title: 'Signed out',
    view,
    main: card(
      html`<h1>You are signed out</h1>
        <p class="lead">Your session in this browser has ended. Applications that you allowed keep their access.</p>
        ${
          view.backTo &&
          html`<p>
            <a class="button solid" href="${view.backTo.url}" rel="noreferrer"
              >Return to ${name(view.backTo.clientName)}</a
            >
          </p>`
        }
        ${
          view.accountUrl &&
          html`<p><a href="${view.accountUrl}">Sign in again to see what they may do, and take it back</a></p>`
        }`,
      html`<p>On a shared computer, close the browser as well.</p>`,
    ),
  })
}
