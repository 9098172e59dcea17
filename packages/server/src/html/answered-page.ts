import { name } from './display-text.ts'
import { card, layout } from './layout.ts'
import { html } from './markup.ts'
import type { AnsweredView } from './views.ts'

/** Says that a request was answered before: a second POST, the back button, two tabs. */
export function answeredPage(view: AnsweredView): string {
  return layout({
    title: 'Already answered',
    view,
    main: card(
      html`<h1>You have already answered this</h1>
        <p class="lead">
          Your answer went to ${name(view.clientName)}. It counts once; sending it again changes nothing.
        </p>
        ${
          view.goOnUrl === undefined
            ? html`<p>Go back to ${name(view.clientName)}. If it is still waiting, start again from there.</p>`
            : html`<p>Two clicks on a button can cut off the way back. If you are still waiting, go on from here.</p>
                <p>
                  <a class="button solid" href="${view.goOnUrl}" rel="noreferrer">Go on to ${name(view.clientName)}</a>
                </p>`
        }`,
      html`<p>You can close this page${view.goOnUrl === undefined ? '' : ' if you have been back there'}.</p>`,
    ),
  })
}
