import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Explained } from '../journal/explain.ts'
import { browserMessage, observedFetch } from './observe.ts'

test('addresses are shown without code, state and nonce', () => {
  const { url, summary } = browserMessage('in', 'http://localhost:9402/callback?code=c0de&state=st4te&iss=x', 1)
  assert.equal(summary, 'browser comes back to /callback')
  assert.doesNotMatch(url, /c0de|st4te/)
  assert.match(url, /iss=x/)
})

test('a token request is told with its secrets hidden, and passes them on', async () => {
  let sent = ''
  const server = createServer((request, response) => {
    request.on('data', (chunk) => (sent += String(chunk)))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end('{"access_token":"t0ken","id_token":"id","scope":"openid profile","expires_in":300}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const messages: Explained[] = []
  const fetcher = observedFetch(
    (message) => messages.push(message),
    () => 7,
  )
  const response = await fetcher(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, {
    method: 'POST',
    headers: { authorization: 'Basic c2VjcmV0' },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'c0de', code_verifier: 'ver1fier' }),
    redirect: 'manual',
  })
  assert.equal(((await response.json()) as { access_token: string }).access_token, 't0ken')
  assert.match(sent, /c0de/)
  const told = JSON.stringify(messages)
  assert.doesNotMatch(told, /t0ken|c0de|ver1fier|c2VjcmV0/)
  assert.deepEqual(
    messages.map(({ summary }) => summary),
    ['POST /token authorization_code', '200 for openid profile'],
  )
  server.close()
  server.closeAllConnections()
})
