import { address, name } from './display-text.ts'
import { card, hiddenFields, layout } from './layout.ts'
import { html, type Html } from './markup.ts'
import type { LoginView } from './views.ts'
import { waitInWords } from './wording.ts'

/**
 * Asks for user name and password. Posts `username` and `password` with the hidden fields.
 *
 * A failure names neither field: unknown name, wrong password and closed account read alike.
 */
export function loginPage(view: LoginView): string {
  const { error } = view
  const message =
    error === undefined ? undefined : error === 'invalid_credentials' ? wrong : throttled(error.throttledSeconds)
  const describedBy = message && html`aria-describedby="sign-in-error"`
  // Without script nothing announces the summary, so the title says it first and the field in focus is described by it.
  const focused = view.username ? 'password' : 'username'
  return layout({
    title: message ? 'Error: sign in' : 'Sign in',
    view,
    main: card(
      html`<h1>Sign in</h1>
        <p class="lead">${reason(view)}</p>
        ${
          message &&
          html`<div class="notice danger" role="alert">
            <h2 id="sign-in-error">${message.title}</h2>
            <p><a href="#${focused}">${message.next}</a></p>
          </div>`
        }
        <form method="post" action="${view.action}" class="stack">
          ${hiddenFields(view)}
          <div class="field">
            <label for="username">User name</label>
            <input
              id="username"
              name="username"
              type="text"
              value="${view.username}"
              autocomplete="username"
              autocapitalize="none"
              autocorrect="off"
              spellcheck="false"
              maxlength="200"
              required
              ${focused === 'username' && 'autofocus'}
              ${describedBy}
            />
          </div>
          <div class="field">
            <label for="password">Password</label>
            <input
              id="password"
              name="password"
              type="password"
              autocomplete="current-password"
              maxlength="1024"
              required
              ${focused === 'password' && 'autofocus'}
              ${describedBy}
            />
          </div>
          <button type="submit" class="button solid">Sign in</button>
        </form>`,
      html`<p>
        Forgotten your password, or no account yet? The
        administrator${view.tenantName && html` of ${name(view.tenantName)}`} can help.
      </p>`,
    ),
  })
}

function reason({ clientName, clientHost, serverName, again }: LoginView): Html {
  if (clientName !== undefined)
    return html`${name(clientName)}${clientHost && html` (${address(clientHost)})`} asks for
    access${serverName && html` to ${name(serverName)}`}. You decide what it may do in the next step.`
  return again
    ? html`What comes next cannot be undone by anybody else, so show once more that it is you.`
    : html`To see your account, and what acts in your name.`
}

const wrong = { title: 'User name or password is not right', next: 'Check both and try again' }

function throttled(seconds: number) {
  return { title: 'Too many attempts to sign in', next: `Wait ${waitInWords(seconds)}, then try again` }
}
