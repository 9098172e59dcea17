import { address, name, sentence } from './display-text.ts'
import { card, layout } from './layout.ts'
import { html } from './markup.ts'
import type { ErrorView } from './views.ts'

/** Tells a person what happened and what to do next. Takes its words from `errorView`, never from an exception. */
export function errorPage(view: ErrorView): string {
  return layout({
    title: view.title,
    view,
    main: card(
      html`<h1>${view.title}</h1>
        <p class="lead">${sentence(view.what)}</p>
        <h2>What you can do</h2>
        <p>${sentence(view.next)}</p>
        ${
          view.backTo &&
          html`<p>
            <a class="button solid" href="${view.backTo.url}" rel="noreferrer"
              >Return to ${name(view.backTo.clientName)}</a
            >
          </p>`
        }
        ${
          view.goOn &&
          html`<p>
            <a${view.backTo ? '' : html` class="button solid"`} href="${view.goOn.url}">${view.goOn.label}</a>
          </p>`
        }
        ${view.homeUrl && html`<p><a href="${view.homeUrl}">Go to the start page</a></p>`}`,
      html`<p>If you ask for help, give this number: ${address(view.requestId)}</p>`,
    ),
  })
}
