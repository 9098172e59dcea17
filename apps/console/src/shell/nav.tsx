import { Link } from '@tanstack/react-router'
import { may, useSession } from '../api/session.ts'
import { texts } from '../texts.ts'
import { areas } from './areas.ts'

const row = 'flex min-h-11 items-center gap-3 rounded-lg px-3 md:min-h-9'

/** What a person may not open stands there too, with the reason: what nobody sees, nobody can ask for. */
export function Nav({ onFollow }: { onFollow?: () => void }) {
  const session = useSession()
  return (
    <nav aria-label={texts.nav.label}>
      <ul className="grid gap-0.5">
        {areas.map(({ to, label, scope, icon: Icon }) => (
          <li key={to}>
            {may(session, scope) ? (
              <Link
                to={to}
                onClick={onFollow}
                className={`${row} font-medium text-ink hover:bg-raised aria-[current=page]:bg-good-ground aria-[current=page]:font-[650] aria-[current=page]:text-good`}
              >
                <Icon size={18} aria-hidden="true" />
                {label}
              </Link>
            ) : (
              <span role="link" aria-disabled="true" className={`${row} py-1.5 text-muted`}>
                <Icon size={18} aria-hidden="true" className="shrink-0" />
                <span className="grid">
                  {label}
                  <span className="text-xs">{texts.needs(scope)}</span>
                </span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </nav>
  )
}
