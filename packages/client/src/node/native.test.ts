import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, test } from 'node:test'
import { openBrowser } from './browser.ts'
import { listenOnLoopback } from './loopback.ts'

const withCode = (code: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === code

describe('opening a browser', () => {
  it('refuses schemes that would run something', async () => {
    for (const address of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'vbscript:x', 'ssh://x'])
      await assert.rejects(openBrowser(address), withCode('address_refused'), address)
  })

  it('gives the whole address to the program as one argument, and none of it to a shell', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'permitry-browser-'))
    const path = process.env['PATH']
    t.after(() => {
      process.env['PATH'] = path
      rmSync(folder, { recursive: true })
    })
    const seen = join(folder, 'seen')
    writeFileSync(
      join(folder, 'xdg-open'),
      `#!/bin/sh\nprintf '%s|' "$#" "$1" > ${seen}.part && mv ${seen}.part ${seen}\n`,
    )
    chmodSync(join(folder, 'xdg-open'), 0o755)
    process.env['PATH'] = `${folder}:${path}`
    const evil = 'https://as.example/authorize?a=$(touch pwned)&b=`id`;c="d e"\'f'
    await openBrowser(evil, 'linux')
    assert.equal(await fileOnceWritten(seen), `1|${new URL(evil).href}|`)
  })

  it('says what to do where there is no browser', async (t) => {
    const path = process.env['PATH']
    t.after(() => void (process.env['PATH'] = path))
    process.env['PATH'] = '/nonexistent'
    await assert.rejects(openBrowser('https://as.example/', 'linux'), /give `openBrowser`/)
  })
})

test('the listener takes its path only, hands on what came, and its page shows none of it', async (t) => {
  const came: URLSearchParams[] = []
  const loopback = await listenOnLoopback('/callback', (params) => void came.push(params))
  t.after(() => loopback.close())
  assert.match(loopback.uri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  assert.equal((await fetch(new URL('/other?code=x', loopback.uri))).status, 404)
  assert.equal((await fetch(loopback.uri, { method: 'POST' })).status, 404)
  const response = await fetch(`${loopback.uri}?code=the-code&error_description=%3Cscript%3E`)
  const page = await response.text()
  assert.doesNotMatch(page, /the-code|script/)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.deepEqual(
    came.map((params) => params.get('code')),
    ['the-code'],
  )
})

test('a request line that is no address does not end the app', async (t) => {
  const loopback = await listenOnLoopback('/callback', () => assert.fail('nothing came back'))
  t.after(() => loopback.close())
  for (const path of ['//', '//[', '*']) assert.match(await rawGet(new URL(loopback.uri), path), /^HTTP\/1.1 404/, path)
})

/** Clients that parse addresses would not send what this does. */
function rawGet({ hostname, port }: URL, path: string): Promise<string> {
  const socket = connect(Number(port), hostname)
  socket.end(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
  return text(socket)
}

async function fileOnceWritten(file: string): Promise<string> {
  for (;;) {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
