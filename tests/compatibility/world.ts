// The clinic as clients of the field meet it: an authorization server, the guarded MCP server, and Bob in his browser.
import { Browser, passwordOf, startStack, type Stack, type StackOptions } from '@permitry/testkit'
import { createVetAssist } from '@vet-assist/mcp-server'

export interface World extends AsyncDisposable {
  readonly stack: Stack
  readonly browser: Browser
}

export async function startWorld(options: StackOptions = {}): Promise<World> {
  const stack = await startStack(options)
  const clinic = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:' })
  stack.serveMcp((request) => clinic.fetch(request))
  const close = async () => {
    await clinic.close()
    await stack.close()
  }
  return { stack, browser: new Browser(), [Symbol.asyncDispose]: close }
}

/** Bob signs in where he is asked to, allows what is asked, and ends where his browser is sent: at the client. */
export async function letBobAnswer({ browser, stack }: World, url: string): Promise<URL> {
  let page = await browser.open(url)
  if (page.url.includes('/login?')) {
    page = await browser.submit(page, { username: 'bob', password: passwordOf('bob') })
  }
  if (page.url.includes('/consent?')) page = await browser.submit(page, { decision: 'allow' })
  if (page.url.startsWith(stack.issuer)) {
    throw new Error(`the way ended at ${page.url} with ${page.status}: ${page.text}`)
  }
  return new URL(page.url)
}
