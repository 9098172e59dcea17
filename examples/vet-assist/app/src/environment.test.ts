import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvironment } from './environment.ts'

test('without variables the app uses the ports that everybody relies on, and the built-in assistant', () => {
  const { port, issuer, mcpUrl, model, dataFolder } = readEnvironment({})
  assert.deepEqual(
    [port, issuer, mcpUrl, model],
    [9402, 'http://localhost:9400', 'http://localhost:9401/mcp', 'embedded'],
  )
  assert.match(dataFolder, /\.data$/)
})

test('the other servers follow the variables of their ports', () => {
  const { issuer, mcpUrl } = readEnvironment({ PERMITRY_PORT: '1', VETASSIST_MCP_PORT: '2' })
  assert.deepEqual([issuer, mcpUrl], ['http://localhost:1', 'http://localhost:2/mcp'])
})

test('a variable that is no port is an error that names it', () => {
  for (const text of ['0', '70000', '9402x', '-1'])
    assert.throws(() => readEnvironment({ VETASSIST_APP_PORT: text }), /VETASSIST_APP_PORT must be a port/)
})

test('keys of two providers are not taken for each other', () => {
  const keys = readEnvironment({ ANTHROPIC_API_KEY: 'a', ASSISTANT_API_KEY: 'b' })
  assert.deepEqual([keys.anthropicApiKey, keys.assistantApiKey], ['a', 'b'])
})
