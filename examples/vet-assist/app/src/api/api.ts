// What the page can ask of the server. Each route takes what is in the request apart, and the agent decides.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Context } from 'hono'
import { EMERGENCY_PHONE } from '../clinic/contact.ts'
import type { Parts } from '../parts.ts'
import { toWire } from '../conversation/stored.ts'
import { onlyFrom } from '../http/same-origin.ts'
import type { Session } from '../sessions/sessions.ts'
import { LONGEST_MESSAGE, type State } from '../wire.ts'
import { streamEvents } from './events.ts'

type WithSession = { Variables: { session: Session } }

export function createApi(parts: Parts): Hono<WithSession> {
  const { agent, conversations, cookies, journal, origin, sessions, signIn } = parts
  const api = new Hono<WithSession>()
  api.use(onlyFrom(origin))
  api.use(bodyLimit({ maxSize: 64 * 1024 }))

  api.get('/state', (c) => c.json(stateOf(parts, sessions.find(cookies.session.read(c)))))

  api.post('/sign-in', async (c) => {
    const { question } = await readBody(c)
    const begun = await signIn.begin(isMessage(question) ? question.trim() : undefined)
    cookies.signIn.write(c, begun.browser)
    return c.json({ location: begun.url })
  })

  // From here on somebody is signed in.
  api.use(async (c, next) => {
    const session = sessions.find(cookies.session.read(c))
    if (session === undefined) return c.json({ error: 'sign in first' }, 401)
    c.set('session', session)
    return next()
  })

  api.get('/events', (c) => {
    const session = c.get('session')
    return streamEvents(c, conversations, session.conversation, () => stateOf(parts, session), parts.closing)
  })

  api.get('/messages', (c) => c.json(journal.entries(c.get('session').conversation)))

  api.post('/say', async (c) => {
    const { text } = await readBody(c)
    if (!isMessage(text)) return c.json({ error: `a message has 1 to ${LONGEST_MESSAGE} characters` }, 400)
    return done(c, agent.say(c.get('session'), text.trim()))
  })

  api.post('/cards/:id', async (c) => {
    const { proof, yes } = await readBody(c)
    if (typeof proof !== 'string' || typeof yes !== 'boolean') return c.json({ error: 'say yes or no' }, 400)
    return done(c, agent.answerCard(c.get('session'), c.req.param('id'), proof, yes))
  })

  api.post('/access/:id', async (c) => {
    const { also } = await readBody(c)
    const scopes = Array.isArray(also) ? also.filter((scope) => typeof scope === 'string') : []
    const location = await agent.whereToAsk(c.get('session'), c.req.param('id'), scopes)
    return c.json({ location: location ?? null })
  })

  api.post('/access/:id/decline', (c) => done(c, agent.comeBack(c.get('session'), undefined)))

  api.post('/retry', (c) => done(c, agent.retry(c.get('session'))))

  api.post('/stop', (c) => {
    agent.stop(c.get('session').conversation)
    return c.body(null, 204)
  })

  api.post('/new', (c) => {
    const session = c.get('session')
    parts.forget(session.conversation)
    const conversation = sessions.renewConversation(session)
    return c.json(stateOf(parts, { ...session, conversation }))
  })

  api.post('/leave-clinic', async (c) => done(c, await agent.leave(c.get('session'))))

  api.post('/sign-out', async (c) => {
    const session = c.get('session')
    sessions.end(session)
    cookies.session.clear(c)
    parts.forget(session.conversation)
    return c.json({ location: (await signIn.signOutUrl(`${origin.origin}/`)) ?? null })
  })

  return api
}

/** A yes that came too late, or twice, changes nothing: the page is told and shows what is so now. */
function done(c: Context, happened: boolean): Response {
  return happened ? c.body(null, 204) : c.json({ error: 'this is not what the conversation waits for' }, 409)
}

function stateOf({ agent, assistant, conversations, journal, keys }: Parts, session: Session | undefined): State {
  const { kind, label } = assistant
  const always = { assistant: { kind, label }, emergencyPhone: EMERGENCY_PHONE }
  if (session === undefined) return { ...always, person: null, items: [], busy: false, messages: 0 }
  const { conversation, name } = session
  return {
    ...always,
    person: { name },
    items: conversations.items(conversation).map((item) => toWire(conversation, item, keys)),
    busy: agent.isBusy(conversation),
    messages: journal.count(conversation),
  }
}

async function readBody(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

function isMessage(text: unknown): text is string {
  return typeof text === 'string' && text.trim() !== '' && text.length <= LONGEST_MESSAGE
}
