// The vet clinic of the example behind a running authorization server, and people who use it through an app.
import { createClient, type AppClient, type ClientOptions } from '@permitry/client'
import { nodeNetwork } from '@permitry/client/node'
import {
  addCredential,
  appSecret,
  Browser,
  type Person,
  signIn,
  startStack,
  type Stack,
  type StackOptions,
} from '@permitry/testkit'
import { createVetAssist } from '@vet-assist/mcp-server'

export const redirectUri = 'http://localhost:9402/callback'

export interface Clinic {
  readonly stack: Stack
  /** An app that is registered as `vet-assist-ai`. */
  app(options?: Partial<ClientOptions>): AppClient
  close(): Promise<void>
}

/** With `signals` the clinic has a credential, as in the example, and is told at once what is taken away. */
export async function startClinic({
  signals = false,
  ...options
}: StackOptions & { readonly signals?: boolean } = {}): Promise<Clinic> {
  const stack = await startStack(options)
  const credential = signals ? await addCredential(stack) : undefined
  const clinic = createVetAssist({
    issuer: stack.issuer,
    url: stack.mcpUrl,
    dataFile: ':memory:',
    ...(options.now && { clock: options.now }),
    ...(credential && { credential }),
  })
  stack.serveMcp((request) => clinic.fetch(request))
  await clinic.ready()
  return {
    stack,
    app: (more = {}) =>
      createClient({
        name: 'Vet Assist AI',
        redirectUri,
        registrations: [{ issuer: stack.issuer, clientId: 'vet-assist-ai', clientSecret: appSecret }],
        network: nodeNetwork({ allowOrigins: [stack.issuer, new URL(stack.mcpUrl).origin] }),
        offlineAccess: false,
        ...(options.now && { now: options.now }),
        ...more,
      }),
    async close() {
      await clinic.close()
      await stack.close()
    },
  }
}

/** A person's browser walks login and consent; gives back the address at the app that it ends at. */
export async function consent(
  url: string,
  person: Person,
  answer?: 'deny' | readonly string[],
  browser: Browser = new Browser(),
): Promise<string> {
  let page = await browser.open(url)
  if (page.url.includes('/login?')) page = await signIn(browser, page, person)
  if (!page.url.includes('/consent?')) return page.url
  if (answer === 'deny') page = await browser.submit(page, { decision: 'deny' })
  else page = await browser.submit(page, { decision: 'allow', ...(answer && { scope: answer }) })
  return page.url
}
