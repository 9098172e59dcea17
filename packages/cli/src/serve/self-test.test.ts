import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { selfTest } from './self-test.ts'

/** An address at which something answers that is not the server that was expected. */
async function answering(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  t.after(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const cases: Record<string, [answer: RequestListener, problem: RegExp]> = {
  'another server': [
    (_, response) => response.end('{"issuer":"https://other.example"}'),
    /says that its issuer is `https:\/\/other\.example`: another server answers at the address/,
  ],
  'a server that is something else': [
    (_, response) => response.end('{}'),
    /is not the metadata of an authorization server$/,
  ],
  'a page': [(_, response) => response.end('<h1>Hello</h1>'), /is not JSON: something else answers there$/],
  'a redirect': [
    (_, response) => response.writeHead(301, { location: 'https://www.example' }).end(),
    /redirects: let the issuer be the address to which it leads$/,
  ],
  'a proxy that does not pass it on': [
    (_, response) => response.writeHead(404).end(),
    /answers 404: let the proxy pass \/\.well-known on unchanged$/,
  ],
}

for (const [name, [answer, problem]] of Object.entries(cases))
  test(`the self-test finds ${name}`, async (t) =>
    assert.match((await selfTest(await answering(t, answer))) ?? '', problem))

test('the self-test is content with its own metadata, and says when nobody answers', async (t) => {
  let issuer = ''
  issuer = await answering(t, (request, response) => {
    assert.equal(request.url, '/.well-known/oauth-authorization-server')
    response.end(JSON.stringify({ issuer }))
  })
  assert.equal(await selfTest(issuer), undefined)
  assert.match(
    (await selfTest('http://127.0.0.1:1')) ?? '',
    /cannot be reached \(.*\): check the name, the proxy and the port$/,
  )
})
