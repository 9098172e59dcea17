import { html as honoHtml } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** Markup in which everything that was interpolated is escaped. A string to whoever sends it. */
export type Html = HtmlEscapedString

type Interpolated = Html | string | number | false | undefined | Interpolated[]

/**
 * The escaping template of Hono, narrowed: it takes no promise, so it returns none, and no object, which it would print
 * as `[object Object]`. `false` and `undefined` print nothing.
 */
export const html = honoHtml as (strings: TemplateStringsArray, ...values: Interpolated[]) => Html
