import { type ReactNode, useRef } from 'react'
import type { AssistantInfo, State } from '../../src/wire.ts'
import { actions } from '../api.ts'
import { heldNow } from '../state.ts'
import { useCover } from '../use-scrolling.ts'
import { Scopes } from './fields.tsx'
import { Icon, Mark } from './icons.tsx'

interface Props {
  state: State
  isDrawerOpen: boolean
  onDrawer: () => void
  onSignIn: () => void
}

export function Header({ state, isDrawerOpen, onDrawer, onSignIn }: Props) {
  const header = useRef<HTMLElement>(null)
  useCover(header, 'top')
  return (
    <header className="header" ref={header}>
      <p className="brand">
        <Mark /> Vet Assist AI
      </p>
      <Badge assistant={state.assistant} />
      <div className="tools">
        {state.person === null ? (
          <button type="button" className="button" onClick={onSignIn}>
            Sign in
          </button>
        ) : (
          <>
            <button type="button" className="button quiet" aria-expanded={isDrawerOpen} onClick={onDrawer}>
              <Icon name="wave" /> <span className="wide-only">Behind the scenes</span>
              <span className="narrow-only unseen">Behind the scenes</span>
            </button>
            <Menu state={state} name={state.person.name} />
          </>
        )}
      </div>
    </header>
  )
}

/** Says what answers. The built-in assistant must not pass for more than it is. */
function Badge({ assistant }: { assistant: AssistantInfo }) {
  if (assistant.kind === 'built-in')
    return (
      <p className="badge">
        Built-in assistant<span className="wide-only">, not a language model</span>
        <span className="narrow-only">, no language model</span>
      </p>
    )
  return (
    <p className="badge">
      Language model <span className="wide-only">{assistant.label}</span>
    </p>
  )
}

function Menu({ state, name }: { state: State; name: string | null }) {
  const held = heldNow(state.items)
  return (
    <>
      <button
        type="button"
        className="button quiet"
        popoverTarget="account"
        aria-label={name === null ? 'Account' : `Account of ${name}`}
      >
        <span className="initial" aria-hidden="true">
          {name?.charAt(0) ?? '•'}
        </span>
        <Icon name="chevron" />
      </button>
      <div id="account" className="panel" popover="auto" role="dialog" aria-label="Account">
        <p className="name">{name ?? 'Signed in'}</p>
        <h2>What Vet Assist AI may do at the clinic</h2>
        {held === null ? (
          <p className="aside">Nothing so far in this conversation. It asks you first.</p>
        ) : (
          <>
            <Scopes scopes={held} />
            <Choice className="link" disabled={state.busy} onChoose={() => void actions.leaveClinic()}>
              Take this back
            </Choice>
          </>
        )}
        <div className="choices">
          <Choice onChoose={() => void actions.startAnew()}>New conversation</Choice>
          <Choice onChoose={() => void actions.signOut()}>Sign out</Choice>
        </div>
      </div>
    </>
  )
}

type ChoiceProps = { className?: string; disabled?: boolean; onChoose: () => void; children: ReactNode }

/** Closes the menu, and does what it says. */
function Choice({ onChoose, ...rest }: ChoiceProps) {
  return <button type="button" popoverTarget="account" popoverTargetAction="hide" onClick={onChoose} {...rest} />
}
