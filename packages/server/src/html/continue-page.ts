import { address, name } from './display-text.ts'
import { card, layout } from './layout.ts'
import { html } from './markup.ts'
import type { ContinueView } from './views.ts'

/**
 * Sends the browser on to the client after a form was posted. A page with a refresh, not a 303: `form-action 'self'` also
 * applies to the redirects that follow a POST, and Chromium would silently stop at a redirect to another origin.
 */
export function continuePage(view: ContinueView): string {
  checkScheme(view.url)
  return layout({
    title: 'Returning you',
    view,
    head: html`<meta http-equiv="refresh" content="0; url=${view.url}" />`,
    main: card(
      html`<h1>Returning you to ${name(view.clientName)}</h1>
        <p class="lead">You are on your way to ${address(view.redirectHost)}.</p>`,
      html`<p>Nothing happening? <a href="${view.url}" rel="noreferrer">Continue to ${name(view.clientName)}</a></p>`,
    ),
  })
}

/**
 * Stops a URL that a browser would run in our own origin. The redirect URI check refuses these at registration; this is
 * the last place where the URL is still only text.
 */
function checkScheme(url: string): void {
  const { protocol } = new URL(url)
  if (/^(?:javascript|data|vbscript|blob|file|about|view-source):$/u.test(protocol)) {
    throw new TypeError(`a redirect to the scheme \`${protocol}\` must not reach the browser`)
  }
}
