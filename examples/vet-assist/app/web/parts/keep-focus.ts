/**
 * Leaves the focus at this place of the conversation: the button that was pressed is about to go, and with it the place.
 * Asked for by the button, because not every browser gives the focus to one that is clicked.
 */
export function keepFocus(button: Element): void {
  button.closest<HTMLElement>('.item')?.focus({ preventScroll: true })
}
