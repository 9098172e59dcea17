// The reporter of our test runs: a line for each file, failures and skips in full, and a verdict that scripts/stages.ts adds up.
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

/** `N passed, N failed, N skipped`, alone on its line: the last thing that every runner of ours prints. */
export function verdict(counts: { passed: number; failed: number; skipped: number }): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

// node:test loads a custom reporter by its default export
// oxlint-disable-next-line import/no-default-export
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const printed = new Map<string, string[]>()
  const failedFiles = new Set<string>()
  /** Files of skipped tests by reason: one reason is often shared by many. */
  const skipped = new Map<string, string[]>()
  let filesWithoutTests = 0

  for await (const { type, data } of events) {
    switch (type) {
      case 'test:stdout':
      case 'test:stderr': {
        const file = relative('', data.file)
        printed.set(file, [...(printed.get(file) ?? []), data.message])
        break
      }
      case 'test:pass':
        if (isWholeFile(data)) {
          // node:test passes a file that registers no test; to us it is a test that was not written
          filesWithoutTests += 1
          yield `✖ ${relative('', data.file ?? '')} has no test\n`
        } else if (data.skip !== undefined && data.skip !== false) {
          const reason = data.skip === true ? 'without a reason' : data.skip
          const files = skipped.get(reason) ?? []
          skipped.set(reason, [...files, relative('', data.entryFile ?? data.file ?? '')])
        }
        break
      case 'test:fail': {
        failedFiles.add(relative('', data.file ?? ''))
        const { error } = data.details
        // a suite that fails through its tests has nothing of its own to say
        if ('failureType' in error && error.failureType === 'subtestsFailed') break
        yield `\n✖ ${place(data)} ${data.name}\n${indent(inspect(error.cause ?? error))}\n\n`
        break
      }
      case 'test:summary': {
        const { counts, duration_ms, file } = data
        const failed = counts.tests - counts.passed - counts.skipped - counts.todo
        if (file !== undefined) {
          yield `${failed === 0 ? '✔' : '✖'} ${relative('', file)} ${counts.tests} tests, ${(duration_ms / 1000).toFixed(1)} s\n`
          break
        }
        for (const name of failedFiles) {
          const output = printed.get(name)
          if (output !== undefined) yield `\n${name} printed:\n${indent(output.join(''))}\n\n`
        }
        for (const [reason, files] of skipped) {
          yield `− ${files.length} skipped: ${reason}\n    ${[...new Set(files)].join('\n    ')}\n`
        }
        yield `${verdict({
          passed: counts.passed - filesWithoutTests,
          failed: failed + filesWithoutTests,
          skipped: counts.skipped + counts.todo,
        })}\n`
        break
      }
      default:
    }
  }
}

type Located = { file?: string | undefined; line?: number | undefined; column?: number | undefined }

function place({ file = '', line = 0 }: Located): string {
  return `${relative('', file)}:${line}`
}

/** The event that node:test makes for a file that reported no test of its own: it is named after the file. */
function isWholeFile(data: Located & { name: string; nesting: number }): boolean {
  return data.nesting === 0 && data.line === 1 && data.column === 1 && data.file?.endsWith(data.name) === true
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ')
}
