// The reporter of a suite's own process: one JSON line a test, read by run-suites.ts.
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

// node:test loads a custom reporter by its default export
// oxlint-disable-next-line import/no-default-export
export default async function* outcomes(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    // a block around tests proves nothing of its own
    if (data.details.type === 'suite') continue
    const { name } = data
    if (type === 'test:fail') {
      const { error } = data.details
      yield `${JSON.stringify({ name, outcome: 'failed', failure: inspect(error.cause ?? error) })}\n`
    } else {
      const proved = !data.skip && !data.todo
      yield `${JSON.stringify({ name, outcome: proved ? 'passed' : 'skipped' })}\n`
    }
  }
}
