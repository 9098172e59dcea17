import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../../', import.meta.url))

/** What operators own. The protocol reads these tables and writes none of them. */
const TABLES =
  'subjects|groups|group_members|roles|role_scopes|subject_roles|group_roles|servers|server_names|scopes|tools|clients|client_servers|declared'
const WRITES = new RegExp(`\\b(insertInto|updateTable|deleteFrom|replaceInto)\\('(${TABLES})'`)

/** The repositories through which those tables are written. */
const CALLS =
  /\b(roles|groups|serverDefinitions|subjectDefinitions|agents|clientDefinitions|declarations|registrations)\s*\.\s*(put|add|remove|replace|set|release)\w*\(/

const sources = globSync('{server,cli,testkit}/src/**/*.ts', { cwd: packages })
  .filter((file) => !/\.test\.ts$|testing/.test(file))
  .map((file) => ({ file: relative('.', file), text: readFileSync(`${packages}/${file}`, 'utf8') }))

test('what operators own is written by repositories only, and they are called for that by commands only', () => {
  const writers = sources.filter(({ text }) => WRITES.test(text)).map(({ file }) => file)
  const callers = sources.filter(({ text }) => CALLS.test(text)).map(({ file }) => file)
  // A rule that sees nothing proves nothing.
  assert.ok(writers.length > 4 && callers.length > 4)
  assert.deepEqual(
    writers.filter((file) => !file.startsWith('server/src/store/repositories/')),
    [],
  )
  assert.deepEqual(
    callers.filter((file) => !file.startsWith('server/src/commands/')),
    [],
  )
})

test('the command line writes nothing by itself', () => {
  const writers = sources.filter(
    ({ file, text }) => file.startsWith('cli/') && /\.unit\(|insertInto|updateTable|deleteFrom/.test(text),
  )
  assert.deepEqual(writers, [])
})
