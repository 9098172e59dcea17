import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Source } from './client.ts'
import { clients } from './clients/index.ts'
import { habits } from './habits.ts'
import { clientsPage, PAGE } from './page.ts'

test('every client that the issue names has a fixture, and each says at least how it introduces itself and where it is answered', () => {
  assert.deepEqual(
    clients.map(({ name }) => name),
    [
      'Claude (web, Desktop, mobile)',
      'Claude Code',
      'ChatGPT',
      'VS Code',
      'Cursor',
      'Codex',
      'Gemini CLI',
      'GitHub Copilot CLI',
      'MCP Inspector',
      'mcp-remote',
    ],
  )
  for (const { name, introductions, redirectUri } of clients) {
    assert.ok(introductions.length > 0 && introductions.every(({ sources }) => sources.length > 0), name)
    assert.notEqual(redirectUri, 'unknown', name)
  }
})

test('every fact names a public page and a day', () => {
  const ofClients = clients.flatMap((client) => [
    ...client.introductions.flatMap(({ sources }) => sources),
    ...Object.values<unknown>({ ...client })
      .filter(isKnown)
      .map(({ source }) => source),
  ])
  for (const source of [...ofClients, ...Object.values(habits).map((habit) => habit.source)]) assertPublic(source)
})

test('a document says its own address', () => {
  for (const { introductions } of clients)
    for (const one of introductions) if (one.by === 'document') assert.equal(one.metadata['client_id'], one.url)
})

test('docs/reference/clients.md is what the fixtures say', () => {
  assert.equal(readFileSync(PAGE, 'utf8'), clientsPage(), 'run `npm run clients:page`')
})

function isKnown(fact: unknown): fact is { source: Source } {
  return typeof fact === 'object' && fact !== null && 'source' in fact
}

function assertPublic({ url, date, quotedAt }: Source): void {
  for (const page of [url, quotedAt ?? url]) assert.equal(new URL(page).protocol, 'https:', page)
  assert.match(date, /^20\d\d-\d\d-\d\d$/)
  assert.ok(date <= '2026-11-24', `${url} is of the future`)
}
