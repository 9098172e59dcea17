import { card } from '../layout.ts'
import { html } from '../markup.ts'
import { callList } from './calls.ts'
import { accountPage } from './frame.ts'
import type { ActivityView } from './views.ts'

/** Every tool call in the person's name, a page at a time. */
export function activityPage(view: ActivityView): string {
  const { calls, olderUrl, newestUrl } = view
  return accountPage(view, 'activity', {
    title: 'Activity',
    lead: 'Every tool call in your name that an MCP server told of, allowed or refused, the newest first.',
    body: card(
      calls.length === 0
        ? html`<p>${newestUrl === undefined ? 'Nothing was done in your name yet.' : 'There is nothing older.'}</p>`
        : callList(calls),
      (olderUrl ?? newestUrl) === undefined
        ? undefined
        : html`<p class="pager">
            ${newestUrl && html`<a href="${newestUrl}">Newest</a>`} ${olderUrl && html`<a href="${olderUrl}">Older</a>`}
          </p>`,
    ),
  })
}
