import { useEffect, useId, useRef, useState } from 'react'
import type { ToolItem } from '../../src/wire.ts'
import { Fields, Scopes } from './fields.tsx'
import { Icon } from './icons.tsx'
import { statusOf } from './status.ts'

/** One call of the clinic: a line, why it was not done, and everything about it on demand. */
export function ToolCard({ item }: { item: ToolItem }) {
  const { label, icon, tone } = statusOf(item)
  const [isOpen, setOpen] = useState(false)
  const inside = useId()
  const slip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isOpen) slip.current?.scrollIntoView({ block: 'nearest' })
  }, [isOpen])
  // An id that nobody has a name for says nothing in a line.
  const first = item.fields.find(({ value }) => !/^[a-z]+_[\w-]{6,}$/.test(value))
  return (
    <div ref={slip} className={`slip ${tone}`}>
      <button
        type="button"
        className="line"
        aria-expanded={isOpen}
        aria-controls={inside}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
        <span className="title">
          {item.title}
          {first && <span className="hint"> · {first.value}</span>}
        </span>
        <span className="state">{label}</span>
        <Icon name="chevron" />
      </button>
      {item.why !== undefined && <p className="why">{item.why}</p>}
      <div id={inside} hidden={!isOpen}>
        <Inside item={item} />
      </div>
    </div>
  )
}

function Inside({ item }: { item: ToolItem }) {
  return (
    <div className="inside">
      <p className="aside">
        Tool <code>{item.tool}</code> of the clinic’s server. It {item.writes ? 'changes something' : 'only reads'}.
      </p>
      {item.fields.length > 0 && <h2>Asked with</h2>}
      <Fields fields={item.fields} />
      {item.held !== undefined && (
        <>
          <h2>The permission held at that time</h2>
          {item.held.length > 0 ? <Scopes scopes={item.held} /> : <p className="aside">None.</p>}
        </>
      )}
      {item.decision !== undefined && (
        <>
          <h2>Decision</h2>
          <p>
            <code>{item.decision}</code>
          </p>
          <p className="aside">With this number the clinic can look up why.</p>
        </>
      )}
      {item.result !== undefined && (
        <>
          <h2>What the clinic’s server answered</h2>
          <pre tabIndex={0}>{item.result}</pre>
        </>
      )}
    </div>
  )
}
