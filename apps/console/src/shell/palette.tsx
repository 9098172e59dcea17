import { Search } from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { may, useSession } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { areas } from './areas.ts'

/** Goes to a page by a few letters of its name: Ctrl or ⌘ with K, then Enter takes the first that is left. */
export function Palette() {
  const session = useSession()
  const navigate = useNavigate()
  const [isOpen, setIsOpen] = useState(false)
  const [text, setText] = useState('')
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setIsOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const found = areas.filter(
    ({ label, scope }) => may(session, scope) && label.toLowerCase().includes(text.trim().toLowerCase()),
  )
  const close = () => {
    setIsOpen(false)
    setText('')
  }
  const go = (to: (typeof areas)[number]['to'] | undefined) => {
    if (to === undefined) return
    close()
    void navigate({ to })
  }
  return (
    <>
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="flex min-h-9 items-center gap-3 rounded-lg border border-line px-3 text-muted hover:bg-raised"
      >
        <Search size={16} aria-hidden="true" />
        {texts.palette.open}
        <kbd className="ms-auto font-sans text-xs">{texts.palette.key}</kbd>
      </button>
      <Dialog title={texts.palette.title} open={isOpen} onClose={close}>
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            go(found[0]?.to)
          }}
        >
          <Field label={texts.palette.label} value={text} onChange={(event) => setText(event.target.value)} />
          {found.length === 0 && <p role="status">{texts.palette.empty}</p>}
          <ul className="grid gap-0.5">
            {found.map(({ to, label, icon: Icon }, index) => (
              <li key={to}>
                <button
                  type="button"
                  onClick={() => go(to)}
                  className={`flex min-h-11 w-full items-center gap-3 rounded-lg px-3 text-start hover:bg-raised ${index === 0 ? 'bg-raised font-[650]' : ''}`}
                >
                  <Icon size={18} aria-hidden="true" />
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </form>
      </Dialog>
    </>
  )
}
