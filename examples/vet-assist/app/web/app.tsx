import { useEffect, useRef, useState } from 'react'
import { PROBLEMS, type Problem } from '../src/wire.ts'
import { Announcer } from './parts/announcer.tsx'
import { Composer } from './parts/composer.tsx'
import { Conversation } from './parts/conversation.tsx'
import { Drawer } from './parts/drawer.tsx'
import { Beginnings, Welcome } from './parts/empty.tsx'
import { Header } from './parts/header.tsx'
import { actions } from './api.ts'
import { useConversation } from './use-conversation.ts'
import { useCover } from './use-scrolling.ts'

const WORDS: Readonly<Record<Problem, string>> = {
  'sign-in-refused': 'You did not sign in. Nothing happened; you can try again.',
  'sign-in-failed': 'Signing in did not work. Please try again; if it keeps failing, tell the clinic.',
  'sign-in-expired': 'That took too long, or it began in another browser. Please sign in again.',
  'sign-in-away': 'The clinic’s sign-in cannot be reached at the moment. Please try again in a minute.',
  'not-sent': 'Your message was not sent. Please try again.',
  'signed-out': 'You are not signed in any more, so your message was not sent. Send it again to sign in with it.',
  'access-failed': 'The answer of the permission page could not be used. Nothing was changed; please try once more.',
  'other-person':
    'On the permission page somebody else was signed in, so nothing was shared. If this is your conversation, press “Go to the permission page” again and sign in there as yourself. If it is not, sign out here first.',
}

export function App() {
  const { state, connected } = useConversation()
  const [problem, setProblem] = useProblem()
  const [isDrawerOpen, setDrawerOpen] = useState(false)
  const foot = useRef<HTMLDivElement>(null)
  useCover(foot, 'bottom')
  if (state === null) return connected ? null : <p className="line-lost alone">Connecting to Vet Assist AI …</p>

  const isSignedIn = state.person !== null
  const isEmpty = state.items.length === 0
  async function ask(text: string): Promise<boolean> {
    setProblem(undefined)
    const wrong = isSignedIn ? await actions.say(text) : (await actions.signIn(text)) ? undefined : 'sign-in-away'
    setProblem(wrong)
    return wrong === undefined
  }
  // One element for both: what is being written, and the focus, stay when the first message makes a conversation.
  const line = (
    <div className="foot" ref={foot}>
      {!connected && <p className="line-lost">The connection is lost. Trying again …</p>}
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem === 'other-person' && state.person?.name && `This conversation is ${state.person.name}’s. `}
          {WORDS[problem]}
        </p>
      )}
      <Composer busy={state.busy} onSend={ask} onStop={() => void actions.stop()} />
      <p className="small-print">
        {isSignedIn ? (
          <span className="wide-only">Vet Assist AI asks before it changes anything. </span>
        ) : (
          'You sign in with your account at the clinic. '
        )}
        In an emergency, call <a href={`tel:${state.emergencyPhone.replaceAll(' ', '')}`}>{state.emergencyPhone}</a>.
      </p>
    </div>
  )
  return (
    <div className="app" data-drawer={isDrawerOpen}>
      <Header
        state={state}
        isDrawerOpen={isDrawerOpen}
        onDrawer={() => setDrawerOpen(!isDrawerOpen)}
        onSignIn={() => void actions.signIn().then((isTaken) => isTaken || setProblem('sign-in-away'))}
      />
      <main className={isEmpty ? 'main empty' : 'main'}>
        {isEmpty ? <Welcome person={state.person} /> : <Conversation state={state} foot={foot} />}
        {line}
        {isEmpty && <Beginnings isSignedIn={isSignedIn} onAsk={(text) => void ask(text)} />}
      </main>
      {isDrawerOpen && <Drawer count={state.messages} onClose={() => setDrawerOpen(false)} />}
      <Announcer items={state.items} busy={state.busy} />
    </div>
  )
}

/** The problem that the address names; it leaves the address, so that a reload does not show it again. */
function useProblem(): [Problem | undefined, (problem: Problem | undefined) => void] {
  const [problem, setProblem] = useState(() => {
    const named = new URLSearchParams(window.location.search).get('problem')
    return PROBLEMS.find((known) => known === named)
  })
  useEffect(() => {
    if (window.location.search !== '') window.history.replaceState(null, '', '/')
  }, [])
  return [problem, setProblem]
}
