import { type MouseEvent, useId, useState } from 'react'
import type { AccessItem } from '../../src/wire.ts'
import { actions } from '../api.ts'
import { Scopes } from './fields.tsx'
import { Icon } from './icons.tsx'
import { keepFocus } from './keep-focus.ts'

const HEADINGS: Readonly<Record<AccessItem['reason'], string>> = {
  first: 'May Vet Assist AI see your pets’ records?',
  more: 'Vet Assist AI needs another permission',
  ended: 'Your permission for Vet Assist AI has ended',
  stronger: 'The clinic wants you to sign in again for this',
}

/** Asks before the person is sent to the permission page, and says afterwards how it went. */
export function AccessCard({ item, isLast }: { item: AccessItem; isLast: boolean }) {
  return item.state === 'offered' ? <Offer item={item} /> : <Settled item={item} isLast={isLast} />
}

function Offer({ item }: { item: AccessItem }) {
  const heading = useId()
  const [also, setAlso] = useState<string[]>([])
  const [isSent, setSent] = useState(false)
  const [isAway, setAway] = useState(false)

  async function go({ currentTarget }: MouseEvent): Promise<void> {
    keepFocus(currentTarget)
    setSent(true)
    setAway(!(await actions.askForAccess(item.id, also)))
    setSent(false)
  }

  function decline({ currentTarget }: MouseEvent): void {
    keepFocus(currentTarget)
    void actions.declineAccess(item.id)
  }

  return (
    <section className="card ask" aria-labelledby={heading}>
      <h2 id={heading}>{HEADINGS[item.reason]}</h2>
      <Lead item={item} />
      {item.asked.length > 0 && <Scopes scopes={item.asked} />}
      {item.leftOut.length > 0 && (
        <p className="aside">You left this out before. It is your choice; without it, I cannot do what you asked.</p>
      )}
      {item.offered.map(({ name, words }) => (
        <label key={name} className="tick">
          <input
            type="checkbox"
            checked={also.includes(name)}
            onChange={(event) =>
              setAlso(event.target.checked ? [...also, name] : also.filter((other) => other !== name))
            }
          />
          <span>Also ask whether I may {words}, so that you need not come back for it.</span>
        </label>
      ))}
      <p className="aside">You decide on the clinic’s own page and can leave things out. Then you come back here.</p>
      {isAway && (
        <p className="problem" role="alert">
          The permission page cannot be reached at the moment. Please try again in a minute.
        </p>
      )}
      <div className="buttons">
        <button type="button" className="button solid" disabled={isSent} onClick={(event) => void go(event)}>
          Go to the permission page <Icon name="away" />
        </button>
        <button type="button" className="button" disabled={isSent} onClick={decline}>
          Not now
        </button>
      </div>
    </section>
  )
}

function Lead({ item }: { item: AccessItem }) {
  switch (item.reason) {
    case 'first':
      return <p>To answer you I have to look into the clinic’s records. I ask for the least that I can: reading.</p>
    case 'more':
      return <p>For this, Vet Assist AI would like to:</p>
    case 'ended':
      return <p>It was taken back, or it is too old. If you still want an answer, you can give it again.</p>
    case 'stronger':
      return null
  }
}

function Settled({ item, isLast }: { item: AccessItem; isLast: boolean }) {
  if (item.state === 'granted') {
    const given = item.given ?? []
    return (
      <div className={given.length > 0 ? 'slip good' : 'slip quiet'}>
        <p className="line">
          <Icon name={given.length > 0 ? 'check' : 'pause'} />
          <span className="title">
            {given.length > 0
              ? `You allowed: ${given.map(({ words }) => words).join(', ')}`
              : 'You left this permission out'}
          </span>
        </p>
      </div>
    )
  }
  return (
    <div className="slip quiet">
      <p className="line">
        <Icon name="pause" />
        <span className="title">
          {item.state === 'refused'
            ? 'No permission was given, and nothing was shared'
            : 'This permission was not asked for'}
        </span>
        {isLast && item.state === 'refused' && item.tool === undefined && (
          <button type="button" className="link" onClick={() => void actions.retry()}>
            Ask me again
          </button>
        )}
      </p>
    </div>
  )
}
