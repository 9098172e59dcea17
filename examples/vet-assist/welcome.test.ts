import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PEOPLE, welcome } from './welcome.ts'

test('the people that are printed are those of permitry.yaml, with their passwords', () => {
  const yaml = readFileSync(join(import.meta.dirname, 'permitry.yaml'), 'utf8')
  const configured = [...yaml.matchAll(/username: (\w+)[^}]*?password: ([\w-]+)/g)].map(([, name, password]) => [
    name,
    password,
  ])
  assert.deepEqual(
    PEOPLE.map(([name, password]) => [name, password]),
    configured,
  )
})

test('addresses and client id are printed', () => {
  const text = welcome({
    issuer: 'http://localhost:1',
    mcpUrl: 'http://localhost:2/mcp',
    appUrl: 'http://localhost:3',
    logs: 'x',
  })
  for (const part of ['http://localhost:1\n', 'http://localhost:2/mcp', 'http://localhost:3 ', 'vet-assist-dev'])
    assert.ok(text.includes(part), part)
})
