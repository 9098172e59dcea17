/** Leaves the focus at this place of the conversation: the button that has it is about to go, and with it the place. */
export function keepFocus(): void {
  document.activeElement?.closest<HTMLElement>('.item')?.focus({ preventScroll: true })
}
