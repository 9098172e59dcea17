import { useEffect, useReducer } from 'react'
import type { ServerEvent } from '../src/wire.ts'
import { fetchState } from './api.ts'
import { type PageState, reduce } from './state.ts'

const RETRY_MS = 1_500

/** Follows the server: the state once, then every event. A line that breaks is taken up again, with the state as it is then. */
export function useConversation(): PageState {
  const [page, dispatch] = useReducer(reduce, { state: null, connected: true })

  useEffect(() => {
    let source: EventSource | undefined
    let timer: number | undefined
    let isGone = false

    const later = (): void => {
      dispatch({ type: 'line', connected: false })
      timer = window.setTimeout(() => void connect(), RETRY_MS)
    }

    async function connect(): Promise<void> {
      try {
        const state = await fetchState()
        if (isGone) return
        dispatch({ type: 'state', state })
        if (state.person !== null) follow()
      } catch {
        if (!isGone) later()
      }
    }

    function follow(): void {
      source = new EventSource('/api/events')
      source.addEventListener('message', ({ data }) => {
        const event = JSON.parse(String(data)) as ServerEvent
        dispatch(event)
        if (event.type !== 'over') return
        source?.close()
        void connect()
      })
      source.addEventListener('error', () => {
        source?.close()
        later()
      })
    }

    void connect()
    return () => {
      isGone = true
      window.clearTimeout(timer)
      source?.close()
    }
  }, [])

  return page
}
