import type { MessageFilter } from './list-filter.ts'

/** Rewrites a body chunk by chunk. */
export interface TextFilter {
  push(chunk: string): string
  /** What is left at the end. */
  end(): string
}

/**
 * Chooses the filter for an answer by its media type: a stream of events or JSON, which is all that MCP has. Of what is
 * neither, such as the page of an error, only the status is shown. A compressed answer cannot be read, which throws.
 */
export function textFilterFor(
  contentType: string | null,
  contentEncoding: string | null,
  filter: MessageFilter,
): TextFilter {
  if (contentEncoding !== null && contentEncoding !== 'identity') {
    throw new TypeError('the guard cannot filter a compressed answer: compress outside of it')
  }
  const essence = contentType?.split(';')[0]?.trim().toLowerCase()
  if (essence === 'text/event-stream') return filterEvents(filter)
  return essence === undefined || essence === 'application/json' ? filterJson(filter) : NOTHING
}

const NOTHING: TextFilter = { push: () => '', end: () => '' }

/** Filters a body that is one JSON-RPC message. A body that is none is an error, never passed on unfiltered. */
function filterJson(filter: MessageFilter): TextFilter {
  let text = ''
  return {
    push(chunk) {
      text += chunk
      return ''
    },
    end: () => (text === '' ? '' : JSON.stringify(filter(JSON.parse(text)))),
  }
}

/** Filters the messages in a stream of events (HTML, Server-sent events); comments and empty events pass as they are. */
function filterEvents(filter: MessageFilter): TextFilter {
  let pending = ''
  return {
    push(chunk) {
      pending += chunk
      let out = ''
      for (let end = endOfEvent(pending); end !== -1; end = endOfEvent(pending)) {
        out += filterEvent(pending.slice(0, end), filter)
        pending = pending.slice(end)
      }
      return out
    },
    // An event without its blank line is not dispatched by the reader, so it is no loss.
    end: () => '',
  }
}

function endOfEvent(text: string): number {
  // Two ends of line, of any kind each. A CR alone ends a line only where no LF follows.
  const match = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/.exec(text)
  return match === null ? -1 : match.index + match[0].length
}

function filterEvent(event: string, filter: MessageFilter): string {
  // Readers drop a byte order mark, and then see a field where here was none: several were needed to get one past us.
  const lines = event.replace(/^\ufeff+/, '').split(/\r\n|\n|\r/)
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, ''))
  if (data.every((line) => line === '')) return event
  const others = lines.filter((line) => line !== '' && !line.startsWith('data:'))
  return `${[...others, `data: ${JSON.stringify(filter(JSON.parse(data.join('\n'))))}`].join('\n')}\n\n`
}
