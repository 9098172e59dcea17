// Line icons on a 20 by 20 grid. They say nothing that a word beside them does not say.

const PATHS = {
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  cross: 'm5.5 5.5 9 9m0-9-9 9',
  stop: 'M6 6h8v8H6z',
  send: 'M10 16V4m0 0L5 9m5-5 5 5',
  question: 'M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8m0 2.75v.01',
  lock: 'M6.5 9V7a3.5 3.5 0 0 1 7 0v2M5 9h10v7H5z',
  wave: 'M3 10h3l2-5 4 10 2-5h3',
  chevron: 'm7 8 3 3 3-3',
  away: 'M8 5h7v7m0-7-9.5 9.5',
  pause: 'M7.5 5.5v9m5-9v9',
  out: 'M4 10h11m0 0-4-4m4 4-4 4',
  in: 'M16 10H5m0 0 4-4m-4 4 4 4',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The mark: a paw in a speech bubble. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <path
        className="bubble"
        d="M8 3h16a5 5 0 0 1 5 5v12a5 5 0 0 1-5 5h-8l-6.4 4.6c-.7.5-1.6 0-1.6-.8V25a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5Z"
      />
      <g className="paw">
        <path d="M16 13.2c2.6 0 5 2.7 5 4.9 0 1.6-1.2 2.4-2.6 2.4-.9 0-1.5-.4-2.4-.4s-1.5.4-2.4.4c-1.4 0-2.6-.8-2.6-2.4 0-2.2 2.4-4.9 5-4.9Z" />
        <ellipse cx="10.3" cy="12.3" rx="1.5" ry="1.9" />
        <ellipse cx="13.9" cy="9.4" rx="1.6" ry="2.1" />
        <ellipse cx="18.1" cy="9.4" rx="1.6" ry="2.1" />
        <ellipse cx="21.7" cy="12.3" rx="1.5" ry="1.9" />
      </g>
    </svg>
  )
}
