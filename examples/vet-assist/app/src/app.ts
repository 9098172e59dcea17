// Vet Assist AI as a web-standard handler: everything is put together here.
import { createClient } from '@permitry/client'
import { nodeNetwork } from '@permitry/client/node'
import { sqliteRows } from '@permitry/client/sqlite'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createAgent } from './agent/agent.ts'
import { createKnownTools } from './agent/known-tools.ts'
import type { AssistantModel } from './agent/model.ts'
import { recover } from './agent/recover.ts'
import { callback } from './api/callback.ts'
import { createApi } from './api/api.ts'
import { askByCard, createClinic } from './clinic/clinic.ts'
import { createConversations } from './conversation/conversations.ts'
import { createCookies } from './http/cookies.ts'
import { securityHeaders } from './http/headers.ts'
import { onlyAt } from './http/same-origin.ts'
import { createJournal } from './journal/journal.ts'
import { buildPage } from './pages/bundle.ts'
import type { Parts } from './parts.ts'
import { createSessions } from './sessions/sessions.ts'
import { createSignIn } from './sign-in/sign-in.ts'
import { forgetOrphans, openDatabase } from './store/database.ts'
import { createKeys } from './store/keys.ts'

export interface AppOptions {
  /** Where people reach the app, such as `http://localhost:9402`. */
  origin: string
  /** The authorization server, exactly as its metadata writes it. */
  issuer: string
  /** The clinic's MCP server. */
  mcpUrl: string
  clientId: string
  clientSecret: string
  /** Where sessions, conversations and sealed connections are kept. */
  dataFolder: string
  /** 32 bytes from which all keys of the app are derived. */
  secret: Uint8Array
  assistant: AssistantModel
  clock?: () => number
  /** Where faults are told; standard error unless said otherwise. */
  onFault?: (fault: unknown) => void
}

export interface App {
  fetch: (request: Request) => Response | Promise<Response>
  close: () => Promise<void>
}

export async function createApp(options: AppOptions): Promise<App> {
  const { issuer, mcpUrl, clientId, clientSecret, dataFolder, assistant } = options
  const { clock = Date.now, onFault = (fault: unknown) => console.error(fault) } = options
  const origin = new URL(options.origin)
  const redirectUri = `${origin.origin}/callback`
  const keys = createKeys(options.secret)
  const page = await buildPage()
  const db = openDatabase(join(dataFolder, 'vet-assist-app.db'))
  const rows = sqliteRows(join(dataFolder, 'vet-assist-connections.db'), clock)
  const closing = new AbortController()

  const conversations = createConversations(db, keys)
  const sessions = createSessions(db, clock)
  const journal = createJournal(db, (conversation, count) =>
    conversations.tell(conversation, { type: 'messages', count }),
  )
  const client = createClient({
    name: 'Vet Assist AI',
    redirectUri,
    registrations: [{ issuer, clientId, clientSecret }],
    network: nodeNetwork({ allowOrigins: [new URL(issuer).origin, new URL(mcpUrl).origin] }),
    store: { rows, key: keys.connections },
    offlineAccess: false,
    onStepUp: askByCard,
    // Answers are told when their body has come, which may be after the end of the app.
    onMessage: (message) => {
      if (message.context !== undefined && !closing.signal.aborted) journal.add(message.context, message)
    },
    now: clock,
  })
  const clinic = createClinic(client, mcpUrl)
  const knownTools = createKnownTools(db)
  const agent = createAgent({ conversations, clinic, keys, model: assistant, knownTools, clock, onFault })
  const forget = (conversation: string): void => {
    agent.stop(conversation)
    conversations.tell(conversation, { type: 'over' })
    conversations.forget(conversation)
    journal.forget(conversation)
  }
  sessions.sweep()
  forgetOrphans(db)
  recover(conversations, clock)

  const parts: Parts = {
    origin,
    agent,
    assistant,
    clinic,
    conversations,
    cookies: createCookies(origin),
    journal,
    keys,
    sessions,
    signIn: createSignIn({ db, keys, issuer, clientId, clientSecret, redirectUri, clock, onFault }),
    forget,
    onFault,
    closing: closing.signal,
  }

  const app = new Hono()
  app.use(securityHeaders, onlyAt(origin))
  app.route('/api', createApi(parts))
  app.get('/callback', (c) => callback(c, parts))
  app.get('/assets/:name', (c) => {
    const file = page.files.get(c.req.path)
    if (file === undefined) return c.notFound()
    return c.body(file.body, 200, { 'content-type': file.type, 'cache-control': 'public, max-age=31536000, immutable' })
  })
  app.get('/', (c) => c.html(page.html))
  app.onError((fault, c) => {
    onFault(fault)
    return c.json({ error: 'Vet Assist AI has a fault; try again' }, 500)
  })

  return {
    fetch: (request) => app.fetch(request),
    async close() {
      closing.abort()
      await agent.close()
      db.close()
      rows.close()
    },
  }
}
