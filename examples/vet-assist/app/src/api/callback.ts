// Where people come back from the authorization server: from signing in, or from the permission page.
import type { Context } from 'hono'
import type { Parts } from '../parts.ts'
import type { Session } from '../sessions/sessions.ts'
import type { Problem } from '../wire.ts'

/** The one redirect URI. `state` says which of the two it is, and is known to one of them only. */
export async function callback(c: Context, parts: Parts): Promise<Response> {
  const { cookies, sessions, origin } = parts
  // The address as it is registered, whatever the proxy in front calls this server.
  const url = new URL(new URL(c.req.url).search, `${origin.origin}/callback`)
  const before = sessions.find(cookies.session.read(c))
  try {
    return await take(c, parts, url, before)
  } catch (fault) {
    // A person stands here and not a program: they go back to the page, which tells them.
    parts.onFault(fault)
    return problem(c, 'access-failed')
  }
}

async function take(c: Context, parts: Parts, url: URL, before: Session | undefined): Promise<Response> {
  const { cookies, sessions, signIn } = parts
  const signedIn = await signIn.finish(url, cookies.signIn.read(c))
  if (signedIn === undefined) return before ? permission(c, parts, url, before) : problem(c, 'access-failed')
  cookies.signIn.clear(c)
  if (!signedIn.ok) return problem(c, signedIn.problem)

  // Whoever was here before is gone, with everything that this browser could see.
  if (before) {
    sessions.end(before)
    parts.forget(before.conversation)
  }
  sessions.sweep().forEach(parts.forget)
  const { secret, session } = sessions.begin(signedIn.person)
  cookies.session.write(c, secret)
  for (const message of signedIn.messages) parts.journal.add(session.conversation, message)
  if (signedIn.question === undefined) return c.redirect('/', 303)
  // A question brought them here: where it needs a permission, they are sent on to that page without another click.
  return c.redirect((await parts.agent.arrive(session, signedIn.question)) ?? '/', 303)
}

async function permission(c: Context, { agent, clinic }: Parts, url: URL, session: Session): Promise<Response> {
  const returned = await clinic.finish(url, session)
  switch (returned.status) {
    case 'given':
      agent.comeBack(session, returned.held)
      return c.redirect('/', 303)
    case 'refused':
      agent.comeBack(session, undefined)
      return c.redirect('/', 303)
    case 'other-person':
      agent.comeBackInVain(session, { askWho: true })
      return problem(c, 'other-person')
    case 'failed':
      agent.comeBackInVain(session, { askWho: false })
      return problem(c, 'access-failed')
  }
}

/** A word of ours, and nothing of what the address said: anybody can write such an address. */
function problem(c: Context, what: Problem): Response {
  return c.redirect(`/?problem=${what}`, 303)
}
