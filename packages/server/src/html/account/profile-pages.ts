import { address, name } from '../display-text.ts'
import { fact } from '../consent-client.ts'
import { hiddenFields } from '../layout.ts'
import { html, type Html } from '../markup.ts'
import { waitInWords } from '../wording.ts'
import { accountPage, problem } from './frame.ts'
import type { PasswordView, ProfileView } from './views.ts'

/** Who the person is here. Posts `name`; everything else is the administrator's, because applications believe it. */
export function profilePage(view: ProfileView): string {
  const { form, error, email, roles, person, urls } = view
  const message = error && problem('Your name was not changed', NAME_ERRORS[error], 'name')
  return accountPage(view, 'profile', {
    title: 'Profile',
    error: message,
    body: html`<div class="card">
      <div class="body">
        <dl class="facts">
          ${fact('User name', name(person.username))}
          ${fact('Email address', email === undefined ? html`None` : address(email))}
          ${fact('Roles', roles.length === 0 ? html`None` : html`${roles.map((role, at) => html`${at > 0 && ', '}${name(role)}`)}`)}
          ${!form && fact('Name', name(person.name))}
        </dl>
        ${
          form &&
          html`<form method="post" action="${form.action}" class="stack short">
            ${hiddenFields(form)}
            <div class="field">
              <label for="name">Name</label>
              <input
                id="name"
                name="name"
                type="text"
                value="${person.name}"
                autocomplete="name"
                maxlength="100"
                required
              />
            </div>
            <div><button type="submit" class="button">Change name</button></div>
          </form>`
        }
        <p><a href="${urls.password}">Change your password</a></p>
      </div>
      <div class="stub">
        <p>
          ${
            form
              ? 'The administrator changes user name, email address and roles: applications rely on them.'
              : 'The administrator keeps this in a configuration file, and changes it there: applications rely on it.'
          }
        </p>
      </div>
    </div>`,
  })
}

/** Changes the password. Posts `current`, `password` and `again`. */
export function passwordPage(view: PasswordView): string {
  const { form, error } = view
  return accountPage(view, 'password', {
    title: 'Change your password',
    lead: 'You stay signed in here. Everywhere else you are signed out, and what was connected there asks you again.',
    error: error && passwordProblem(error),
    body: html`<div class="card">
      <form method="post" action="${form.action}" class="body">
        ${hiddenFields(form)}
        <div class="stack short">
          ${passwordField('current', 'Present password', 'current-password')}
          ${passwordField('password', 'New password', 'new-password', 'At least 8 characters. Length counts, signs and digits do not matter.')}
          ${passwordField('again', 'New password once more', 'new-password')}
          <div><button type="submit" class="button solid">Change password</button></div>
        </div>
      </form>
    </div>`,
  })
}

/** A field for a password; what is typed is never sent back. */
export function passwordField(id: string, label: string, autocomplete: string, hint?: string): Html {
  const about = hint && `${id}-about`
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${hint && html`<p class="aside" id="${about}">${hint}</p>`}
    <input
      id="${id}"
      name="${id}"
      type="password"
      autocomplete="${autocomplete}"
      maxlength="1024"
      required
      ${about && html`aria-describedby="${about}"`}
    />
  </div>`
}

const NAME_ERRORS = {
  name_empty: 'Write the name that others shall see',
  name_too_long: 'Write at most 100 characters',
}

function passwordProblem(error: NonNullable<PasswordView['error']>): Html {
  const title = 'Your password was not changed'
  if (typeof error === 'object')
    return problem(title, `Wait ${waitInWords(error.throttledSeconds)}, then try again`, 'current')
  switch (error) {
    case 'invalid_credentials':
      return problem(title, 'The present password is not right. Try again', 'current')
    case 'short':
      return problem(title, 'The new password is shorter than 8 characters', 'password')
    case 'long':
      return problem(title, 'The new password is longer than 1024 characters', 'password')
    case 'differ':
      return problem(title, 'You did not write the new password twice alike', 'again')
  }
}
