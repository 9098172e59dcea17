// Owns where the window stands: header and foot lie over the page, and nothing that matters may lie behind them.
import { type RefObject, useEffect, useRef } from 'react'

/** Tells the browser how much of the window an element covers, for all that is brought into view or takes the focus. */
export function useCover(element: RefObject<HTMLElement | null>, edge: 'top' | 'bottom'): void {
  useEffect(() => {
    const { current } = element
    if (current === null) return undefined
    const root = document.documentElement
    const observer = new ResizeObserver(() => {
      // A little air, so that an outline is seen whole.
      root.style.setProperty(`scroll-padding-${edge}`, `${current.offsetHeight + 8}px`)
    })
    observer.observe(current)
    return () => observer.disconnect()
  })
}

/** Follows the conversation as it grows, and as the foot or the window change, unless the person has scrolled up to read. */
export function useStayAtEnd(foot: RefObject<HTMLElement | null>, growing: unknown, isOwn: boolean): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const root = document.documentElement
    const onScroll = (): void => {
      isAtEnd.current = root.scrollHeight - root.scrollTop - root.clientHeight < 160
    }
    const onResize = (): void => {
      if (isAtEnd.current) toEnd()
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    window.addEventListener('resize', onResize)
    const observer = new ResizeObserver(onResize)
    if (foot.current) observer.observe(foot.current)
    return () => {
      window.removeEventListener('scroll', onScroll)
      window.removeEventListener('resize', onResize)
      observer.disconnect()
    }
  }, [foot])
  useEffect(() => {
    if (isAtEnd.current || isOwn) toEnd()
  }, [growing, isOwn])
}

/** The end of the page and not of the list: there, the foot lies below the list and not over it. */
function toEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight })
}
