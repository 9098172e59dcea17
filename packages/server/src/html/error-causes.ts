import type { ErrorView } from './views.ts'
import { waitInWords } from './wording.ts'

/**
 * Everything that can stop a person on one of our pages. A closed set: what is shown is chosen here, so a page cannot leak
 * a message from the inside, and a new cause does not compile until it has words.
 */
export type ErrorCause =
  | { cause: 'client_unknown' }
  | {
      cause: 'client_document'
      host: string
      problem: 'not_trusted' | 'unavailable' | 'refused' | 'gone' | 'invalid'
      detail?: string
    }
  | { cause: 'redirect_uri_mismatch'; clientName: string }
  | { cause: 'request_malformed' }
  | { cause: 'request_expired' }
  | { cause: 'other_browser' }
  | { cause: 'form_refused'; goOnUrl?: string }
  | { cause: 'role_missing'; serverName: string; roleHint?: string; signOutUrl?: string }
  | { cause: 'console_login_lost'; againUrl: string }
  | { cause: 'console_denied'; signOutUrl: string }
  | { cause: 'console_missing' }
  | { cause: 'throttled'; seconds: number }
  | { cause: 'setup_over' }
  | { cause: 'not_found' }
  | { cause: 'wrong_method' }
  | { cause: 'server_error' }

type Context = Pick<ErrorView, 'tenantName' | 'requestId' | 'homeUrl' | 'backTo'>

/** The page for a cause, with its HTTP status. */
export function errorView(
  cause: ErrorCause,
  context: Context,
): ErrorView & { status: 400 | 403 | 404 | 405 | 429 | 500 | 503 } {
  return { ...context, ...describe(cause) }
}

function describe(failure: ErrorCause) {
  switch (failure.cause) {
    case 'client_unknown':
      return {
        status: 400,
        title: 'This application is not known here',
        what: 'An application sent you here to sign in, but it is not registered, or no longer.',
        next: 'Nothing was shared with it. If you want to use it, ask its maker or your administrator to register it, or connect it anew from its settings.',
      } as const
    case 'client_document':
      return describeDocument(failure)
    case 'redirect_uri_mismatch':
      return {
        status: 400,
        title: 'This return address is not registered',
        what: `${failure.clientName} asked to send you to an address that is not registered for it, so we stopped here. This can be a mistake in its settings, or somebody posing as it.`,
        next: 'Nothing was shared. Do not try again from a link that somebody sent you. Start from the application itself; if the message comes back, tell its maker.',
      } as const
    case 'request_malformed':
      return {
        status: 400,
        title: 'This request cannot be read',
        what: 'The link that brought you here is incomplete or was changed on its way.',
        next: 'Start again from the application. Do not copy the address by hand.',
      } as const
    case 'request_expired':
      return {
        status: 400,
        title: 'This took too long',
        what: 'A request to sign in is open for ten minutes, and these have passed. Nothing was shared.',
        next: 'Go back to the application and start again.',
      } as const
    case 'other_browser':
      return {
        status: 403,
        title: 'This was started in another browser',
        what: 'The request began in another browser or a private window, or this browser does not keep cookies.',
        next: 'Start again from the application and stay in one browser. Allow cookies for this site. If somebody sent you this link, do not go on: it may be an attempt to sign you in on their behalf.',
      } as const
    case 'form_refused':
      return {
        status: 403,
        title: 'This form was not accepted',
        what: 'It was sent from another page, or after you had signed in or out elsewhere. Nothing was changed.',
        ...(failure.goOnUrl === undefined
          ? { next: 'Go back to the application and start again.' }
          : {
              next: 'Your request is still open. Go on and look at it once more.',
              goOn: { url: failure.goOnUrl, label: 'Go on' },
            }),
      } as const
    case 'role_missing':
      return {
        status: 403,
        title: 'Your account does not include this',
        what: `You are signed in, but none of your roles opens what was asked for at ${failure.serverName}.${failure.roleHint === undefined ? '' : ` The role ${failure.roleHint} does.`}`,
        next: 'Ask the administrator for that role, then start again from the application. If you have another account, sign out and use that one.',
        ...(failure.signOutUrl === undefined ? {} : { goOn: { url: failure.signOutUrl, label: 'Sign out' } }),
      } as const
    case 'console_login_lost':
      return {
        status: 400,
        title: 'This sign-in was not finished here',
        what: 'It began in another tab or browser, was finished already, or took longer than ten minutes. Nothing was changed.',
        next: 'Start again. If somebody sent you this link, do not use it: it may be an attempt to sign you in on their behalf.',
        goOn: { url: failure.againUrl, label: 'To the console' },
      } as const
    case 'console_denied':
      return {
        status: 403,
        title: 'Your account does not administer anything here',
        what: 'You are signed in, but none of your roles opens the console, or you chose not to allow it.',
        next: 'Ask an owner of this Permitry for an administrator’s role. If you have another account, sign out and use that one.',
        goOn: { url: failure.signOutUrl, label: 'Sign out' },
      } as const
    case 'console_missing':
      return {
        status: 503,
        title: 'The console is not built here',
        what: 'This server runs from its sources, and the files of the console have not been made from them yet.',
        next: 'Run npm run build:console in the repository, then load this page again.',
      } as const
    case 'throttled':
      return {
        status: 429,
        title: 'Too many attempts',
        what: 'There were many requests from your connection in a short time.',
        next: `Wait ${waitInWords(failure.seconds)}, then try again.`,
      } as const
    case 'setup_over':
      return {
        status: 403,
        title: 'This setup link is over',
        what: 'A link works once, for an hour, and only while there is no owner.',
        next: 'If there is an owner, ask for a role. If there is none, run permitry setup-link on the machine of the server and open the new link.',
      } as const
    case 'not_found':
      return {
        status: 404,
        title: 'There is nothing here',
        what: 'This address does not lead to a page.',
        next: 'Check the address, or start again from the application that you came from.',
      } as const
    case 'wrong_method':
      return {
        status: 405,
        title: 'This address is used in another way',
        what: 'Something was sent here that this address does not take. Nothing was changed.',
        next: 'Start again from the application that you came from.',
      } as const
    case 'server_error':
      return {
        status: 500,
        title: 'Something went wrong here',
        what: 'The fault is on our side, and it has been recorded.',
        next: 'Wait a minute and start again from the application. If it happens again, tell your administrator.',
      } as const
  }
}

function describeDocument({ host, problem, detail }: Extract<ErrorCause, { cause: 'client_document' }>) {
  const unknown = { status: 400, title: 'This application is not known here' } as const
  const next = 'Nothing was shared with it. If you trust it, tell its maker.'
  switch (problem) {
    case 'not_trusted':
      return {
        ...unknown,
        what: `It comes from ${host}, and applications from there are not taken here.`,
        next: 'Nothing was shared with it. If you need it, ask your administrator.',
      }
    case 'gone':
      return {
        ...unknown,
        what: `It says that ${host} describes it, but there is no description of it any more.`,
        next,
      }
    case 'invalid':
      return { ...unknown, what: `${host} describes it in a way that cannot be taken: ${detail ?? 'not valid'}.`, next }
    case 'refused':
      return { ...unknown, what: `It says that ${host} describes it, but no description could be had there.`, next }
    case 'unavailable':
      return {
        status: 503,
        title: 'This application cannot be checked now',
        what: `${host}, where it is described, does not answer. Until it does, nobody can tell who is asking.`,
        next: 'Nothing was shared with it. Wait a few minutes, then start again from the application.',
      } as const
  }
}
