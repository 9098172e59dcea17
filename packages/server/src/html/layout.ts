import { icon, stylesheet } from './assets.ts'
import { address, displayText, name } from './display-text.ts'
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
  requestId?: string
}

/** A permit with a tick in it; the same path as in icon.svg. */
const mark =
  'M5 3h14a3 3 0 0 1 3 3v3.2a2.9 2.9 0 0 0 0 5.6V18a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3v-3.2a2.9 2.9 0 0 0 0-5.6V6a3 3 0 0 1 3-3zm11.1 5.3-5.6 5.8-2.6-2.6-1.7 1.7 4.4 4.3 7.2-7.5z'

/** The frame of every page: one stylesheet, no script, the tenant above and the product below. */
export function layout({ title, view, main, width = 'narrow', head, requestId }: Layout): string {
  const tenant = view.tenantName === undefined ? undefined : displayText(view.tenantName)
  const page = html`<!doctype html>
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
          ${requestId && html`<p>Request ${address(requestId)}</p>`}
        </footer>
      </body>
    </html>`
  return page.toString()
}

/** What a page says, on a card. The stub below the perforation holds what is not the matter itself. */
export function card(body: Html, stub?: Html): Html {
  return html`<div class="card">
    <div class="body">${body}</div>
    ${stub && html`<div class="stub">${stub}</div>`}
  </div>`
}

/** The hidden fields that bind a form to its request. */
export function hiddenFields({ hidden }: Pick<FormView, 'hidden'>): Html {
  return html`${Object.entries(hidden).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}" />`)}`
}

const wordmark = html`<span class="wordmark"
  ><svg class="mark" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">
    <path fill="currentColor" fill-rule="evenodd" d="${mark}" /></svg
  >Permitry</span
>`
