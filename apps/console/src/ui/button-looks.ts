/** How buttons look, and links that look like one. */
export const looks = {
  solid: 'border-accent bg-accent text-on-accent hover:brightness-110',
  plain: 'border-line bg-card text-ink hover:bg-raised',
  danger: 'border-danger bg-card text-danger hover:bg-danger-ground',
} as const

export const shape =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-[0.625rem] border px-4 py-2 font-semibold whitespace-nowrap md:min-h-9 md:px-3 md:py-1'
