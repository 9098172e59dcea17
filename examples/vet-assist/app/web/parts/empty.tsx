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

/** Above the line where people write, before the first message. */
export function Welcome({ person }: Pick<State, 'person'>) {
  const name = person?.name?.split(' ')[0]
  return (
    <section className="welcome" aria-label="Welcome">
      <Mark />
      <h1>{name === undefined ? 'How are your pets?' : `Hello ${name}, how are your pets?`}</h1>
      <p className="lead">Vaccinations, appointments, reminders and good advice, straight from your clinic.</p>
    </section>
  )
}

/** Below it: questions to begin with. */
export function Beginnings({ isSignedIn, onAsk }: { isSignedIn: boolean; onAsk: (text: string) => void }) {
  return (
    <>
      <ul className="examples" aria-label="Questions to begin with">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => onAsk(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
      {!isSignedIn && (
        <ul className="promises">
          {PROMISES.map(([icon, words]) => (
            <li key={icon}>
              <Icon name={icon} /> {words}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
