import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { Command } from 'commander'
import { createProgram, everyCommand } from './program.ts'

const page = readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8')

const program = createProgram({
  environment: {},
  folder: '.',
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  stopRequested: () => new Promise(() => {}),
})

test('docs/reference/cli.md has each command with its arguments and options, as the program declares them', () => {
  const commands = everyCommand(program).filter((command) => command.commands.length === 0)
  assert.ok(commands.length > 12)
  // The expected text is the message, so that the page is mended by copying it.
  for (const command of commands) {
    const section = sectionOf(command)
    assert.ok(page.includes(section), `the page should have:\n${section}`)
  }
})

test('docs/reference/cli.md names no command that does not exist', () => {
  const names = new Set(everyCommand(program).map(nameOf))
  const described = [...page.matchAll(/^### `(permitry [a-z -]+?)(?: [<[].*)?`$/gm)].map(([, name]) => name ?? '')
  assert.deepEqual(
    described.filter((name) => !names.has(name)),
    [],
  )
})

function sectionOf(command: Command): string {
  const args = command.registeredArguments
  const usage = args.map((one) => (one.required ? ` <${one.name()}>` : ` [${one.name()}]`)).join('')
  const rows = [
    ...args.map((one) => `| \`${one.name()}\` | ${one.description} |`),
    ...command.options.map((one) => `| \`${one.flags}\` | ${one.description} |`),
  ]
  const table = rows.length === 0 ? [] : ['', '| argument | meaning |', '| --- | --- |', ...rows]
  return [`### \`${nameOf(command)}${usage}\``, '', `${sentence(command.description())}`, ...table].join('\n')
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
