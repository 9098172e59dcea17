import { icon, stylesheet } from './assets.ts'
import { displayText, name } from './display-text.ts'
import { html, type Html } from './markup.ts'
import type { FormView, PageView } from './views.ts'

interface Layout {
  /** Title of the tab. Carries no text that a client chose: a tab has no room to say who speaks. */
  title: string
  view: PageView
  main: Html
  /** `wide` has two columns where there is room. */
  width?: 'narrow' | 'wide'
  head?: Html
}

/** The frame of every page: one stylesheet, no script, the tenant above and the product below. */
export function layout({ title, view, main, width = 'narrow', head }: Layout): Html {
  const tenant = view.tenantName === undefined ? undefined : displayText(view.tenantName)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}${tenant ? ` · ${tenant}` : ''}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="stylesheet" href="${stylesheet.path}" />
        <link rel="icon" type="image/svg+xml" href="${icon.path}" />
        ${head}
      </head>
      <body class="${width}">
        <header class="top">
          ${view.tenantName === undefined ? wordmark : html`<p class="tenant">${name(view.tenantName)}</p>`}
        </header>
        <main>${main}</main>
        <footer class="bottom">
          ${view.tenantName === undefined ? undefined : html`<p>Access is managed with ${wordmark}</p>`}
        </footer>
      </body>
    </html>`
}

/** The hidden fields that bind a form to its request. */
export function hiddenFields({ hidden }: Pick<FormView, 'hidden'>): Html {
  return html`${Object.entries(hidden).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}" />`)}`
}

const wordmark = html`<span class="wordmark"
  ><svg class="mark" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
    <path
      d="M4 4h16v5.2a2.8 2.8 0 0 0 0 5.6V20H4v-5.2a2.8 2.8 0 0 0 0-5.6z"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linejoin="round"
    />
    <path
      d="m8.4 12.2 2.5 2.5 4.8-5.2"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    /></svg
  >Permitry</span
>`
