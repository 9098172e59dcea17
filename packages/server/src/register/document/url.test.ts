import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDocumentUrl } from './url.ts'

test('a document URL is https, with a path, in the one spelling that URL libraries give it', () => {
  for (const url of [
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://notes.example:8443/client.json?v=1',
    'https://xn--bcher-kva.example/c',
  ])
    assert.ok(isDocumentUrl(url, false), url)
  for (const url of [
    'vet-assist-ai',
    'http://notes.example/client.json',
    'https://notes.example',
    'https://notes.example/',
    'https://notes.example/?client',
    'https://user@notes.example/c',
    'https://:secret@notes.example/c',
    'https://notes.example/c#f',
    'https://notes.example/c#',
    'https://notes.example/a/../c',
    'https://notes.example/a/%2e%2E/c',
    'https://notes.example/a/.%2e/c',
    'https://notes.example/./c',
    'https://NOTES.example/c',
    'HTTPS://notes.example/c',
    'https://notes.example:443/c',
    'https:notes.example/c',
    'https:\\\\notes.example\\c',
    'https://notes.example/c d',
    ' https://notes.example/c',
    'https://notes.example/c\n',
    'https://2130706433/c',
    'https://bücher.example/c',
    `https://notes.example/${'c'.repeat(1024)}`,
  ])
    assert.ok(!isDocumentUrl(url, true), url)
})

test('http on loopback is for servers that run there', () => {
  for (const url of ['http://localhost:8080/client.json', 'http://127.0.0.1/c', 'http://[::1]:1/c']) {
    assert.ok(isDocumentUrl(url, true), url)
    assert.ok(!isDocumentUrl(url, false), url)
  }
  assert.ok(!isDocumentUrl('http://10.0.0.1/c', true))
})
