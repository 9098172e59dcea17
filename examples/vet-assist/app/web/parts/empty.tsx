import type { ReactNode } from 'react'
import type { State } from '../../src/wire.ts'
import { Icon, type IconName, Mark } from './icons.tsx'

const EXAMPLES = [
  'When is my pet’s next vaccination?',
  'Which appointments are free next week?',
  'My dog ate chocolate. What now?',
  'Remind me every day at 8 to give a tablet',
]

/** What the app holds itself to; said before anybody signs in. */
const PROMISES: readonly (readonly [icon: IconName, words: string])[] = [
  ['lock', 'Sees only what you allow, and you can take it back'],
  ['question', 'Asks before it books or changes anything'],
  ['wave', 'Shows every step that it takes'],
]

/** Before the first message; `children` is the line where people write. */
export function Empty({
  state,
  onAsk,
  children,
}: {
  state: State
  onAsk: (text: string) => void
  children: ReactNode
}) {
  const name = state.person?.name?.split(' ')[0]
  return (
    <section className="welcome" aria-label="Welcome">
      <Mark />
      <h1>{name === undefined ? 'How are your pets?' : `Hello ${name}, how are your pets?`}</h1>
      <p className="lead">Vaccinations, appointments, reminders and good advice, straight from your clinic.</p>
      {children}
      <ul className="examples" aria-label="Questions to begin with">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => onAsk(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
      {state.person === null && (
        <ul className="promises">
          {PROMISES.map(([icon, words]) => (
            <li key={icon}>
              <Icon name={icon} /> {words}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
