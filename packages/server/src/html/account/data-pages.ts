import { card, hiddenFields, layout } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import type { PageView } from '../views.ts'
import { count, waitInWords } from '../wording.ts'
import { accountPage, problem } from './frame.ts'
import { passwordField } from './profile-pages.ts'
import type { DataView, DeleteView } from './views.ts'

/** What is stored about the person: to take along, or to have deleted. Posts the hidden fields. */
export function dataPage(view: DataView): string {
  return accountPage(view, 'data', {
    title: 'Your data',
    body: html`<div class="columns">
      ${card(
        html`<h2>Take it along</h2>
          <p>
            One file with everything that is stored about you: who you are here, sessions, what you allowed, every tool
            call in your name, and what the audit trail says of you. No passwords, tokens or hashes.
          </p>
          <form method="post" action="${view.form.action}">
            ${hiddenFields(view.form)}
            <button type="submit" class="button">Download your data</button>
          </form>`,
      )}
      ${card(
        html`<h2>Delete it</h2>
          <p>Ends your account with all sessions and everything that you allowed. This cannot be undone.</p>
          <p><a class="button taking" href="${view.urls.delete}">Delete your account</a></p>`,
      )}
    </div>`,
  })
}

/** Asks before a person is erased. Posts `username` and `current`, typed by hand. */
export function deletePage(view: DeleteView): string {
  const { form, error, ownAgents } = view
  return accountPage(view, 'delete', {
    title: 'Delete your account?',
    error: error && deleteProblem(error),
    body: html`<div class="card">
      <form method="post" action="${form.action}" class="body">
        ${hiddenFields(form)}
        <ul class="plain-list">
          <li>You are signed out everywhere, and cannot sign in again.</li>
          <li>Every application loses its access at once.</li>
          ${ownAgents > 0 && html`<li>${count(ownAgents, 'agent')} that you answer for will stop.</li>`}
          <li>
            Your name, address and what you typed are erased. The audit trail keeps what happened, under a number that
            says nothing about you.
          </li>
          <li>What MCP servers hold about you is theirs: ask them.</li>
        </ul>
        <div class="stack short">
          <div class="field">
            <label for="username">Your user name</label>
            <input
              id="username"
              name="username"
              type="text"
              autocomplete="off"
              autocapitalize="none"
              autocorrect="off"
              spellcheck="false"
              maxlength="200"
              required
            />
          </div>
          ${passwordField('current', 'Your password', 'current-password')}
          <div class="buttons">
            <a class="button" href="${view.urls.data}">Keep it</a>
            <button type="submit" class="button taking">Delete my account</button>
          </div>
        </div>
      </form>
    </div>`,
  })
}

/** Says that there is no account any more. */
export function deletedPage(view: PageView): string {
  return layout({
    title: 'Account deleted',
    view,
    main: card(
      html`<h1>Your account is deleted</h1>
        <p class="lead">You are signed out everywhere, and no application has access in your name any more.</p>`,
      html`<p>You can close this page.</p>`,
    ),
  })
}

function deleteProblem(error: NonNullable<DeleteView['error']>): Html {
  const title = 'Your account was not deleted'
  if (typeof error === 'object')
    return problem(title, `Wait ${waitInWords(error.throttledSeconds)}, then try again`, 'current')
  switch (error) {
    case 'name_wrong':
      return problem(title, 'Write your own user name, as it stands above', 'username')
    case 'invalid_credentials':
      return problem(title, 'The password is not right. Try again', 'current')
    case 'refused':
      return problem(title, 'Nobody else could run this place without you. Give that role to somebody else first')
  }
}
