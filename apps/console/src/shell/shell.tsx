import { Dialog } from '@base-ui/react/dialog'
import { Outlet, useLocation } from '@tanstack/react-router'
import { LogOut, Menu as MenuIcon, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { signOut, type Session } from '../api/session.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Mark } from './mark.tsx'
import { Nav } from './nav.tsx'
import { Palette } from './palette.tsx'

/** The frame around every page: beside it where there is room, behind a button on a phone. */
export function Shell({ session }: { session: Session }) {
  const { pathname } = useLocation()
  const [menuIsOpen, setMenuIsOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // Who follows a link by keyboard or screen reader goes on at the new page, not at the link that is gone.
  useEffect(() => {
    if (first.current) first.current = false
    else main.current?.focus()
    window.scrollTo(0, 0)
  }, [pathname])
  return (
    <div className="min-h-svh md:grid md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:m-2 focus:rounded-lg focus:bg-card focus:p-3"
      >
        {texts.skip}
      </a>
      <header className="flex items-center justify-between gap-3 border-b border-line bg-card px-4 py-2 md:hidden">
        <Mark />
        <Dialog.Root open={menuIsOpen} onOpenChange={setMenuIsOpen}>
          <Dialog.Trigger
            className="inline-flex size-11 items-center justify-center rounded-lg"
            aria-label={texts.nav.menu}
          >
            <MenuIcon size={22} aria-hidden="true" />
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Backdrop className="fixed inset-0 bg-ink/40 dark:bg-paper/70" />
            <Dialog.Popup className="fixed inset-y-0 right-0 flex w-[min(20rem,85vw)] flex-col gap-4 overflow-y-auto border-l border-line bg-card p-4 text-ink">
              <div className="flex items-center justify-between">
                <Dialog.Title className="font-[650]">{texts.nav.menu}</Dialog.Title>
                <Dialog.Close
                  className="inline-flex size-11 items-center justify-center rounded-lg"
                  aria-label={texts.close}
                >
                  <X size={22} aria-hidden="true" />
                </Dialog.Close>
              </div>
              <Nav onFollow={() => setMenuIsOpen(false)} />
              <Who session={session} />
            </Dialog.Popup>
          </Dialog.Portal>
        </Dialog.Root>
      </header>
      <aside className="sticky top-0 hidden h-svh flex-col gap-5 border-r border-line bg-card px-3 py-4 md:flex">
        <div className="grid gap-0.5 px-3">
          <Mark />
          {session.organisation !== '' && <p className="text-sm text-muted">{session.organisation}</p>}
        </div>
        <Palette />
        <Nav />
        <Who session={session} />
      </aside>
      <main ref={main} id="main" tabIndex={-1} className="min-w-0 px-4 py-6 outline-none md:px-8 md:py-8">
        <Outlet />
      </main>
    </div>
  )
}

function Who({ session: { subject, issuer } }: { session: Session }) {
  return (
    <div className="mt-auto grid gap-2 border-t border-line px-3 pt-4">
      <p>
        <span className="block font-[650]">{subject.name}</span>
        {subject.username !== null && <span className="text-sm text-muted">{subject.username}</span>}
      </p>
      <p className="text-sm text-muted">{new URL(issuer).host}</p>
      <Button onClick={() => void signOut()}>
        <LogOut size={16} aria-hidden="true" />
        {texts.nav.signOut}
      </Button>
    </div>
  )
}
