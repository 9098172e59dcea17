import { useEffect, useReducer } from 'react'
import type { ServerEvent } from '../src/wire.ts'
import { fetchState, line } from './api.ts'
import { type PageState, reduce } from './state.ts'

const RETRY_MS = 1_500

/** Follows the server: the state once, then every event. A line that breaks is taken up again, with the state as it is then. */
export function useConversation(): PageState {
  const [page, dispatch] = useReducer(reduce, { state: null, connected: true })

  useEffect(() => {
    let source: EventSource | undefined
    let timer: number | undefined
    // Of two attempts at the same time, the later one counts.
    let latest = 0

    const later = (): void => {
      dispatch({ type: 'line', connected: false })
      timer = window.setTimeout(connect, RETRY_MS)
    }

    function connect(): void {
      source?.close()
      window.clearTimeout(timer)
      const attempt = ++latest
      fetchState().then(
        (state) => {
          if (attempt !== latest) return
          dispatch({ type: 'state', state })
          if (state.person !== null) follow()
        },
        () => attempt === latest && later(),
      )
    }

    function follow(): void {
      source = new EventSource('/api/events')
      source.addEventListener('message', ({ data }) => {
        const event = JSON.parse(String(data)) as ServerEvent
        dispatch(event)
        if (event.type === 'over') connect()
      })
      source.addEventListener('error', () => {
        source?.close()
        later()
      })
    }

    connect()
    // A line that is cut off may keep quiet about it for minutes.
    window.addEventListener('offline', connect)
    line.addEventListener('behind', connect)
    return () => {
      latest += 1
      window.clearTimeout(timer)
      source?.close()
      window.removeEventListener('offline', connect)
      line.removeEventListener('behind', connect)
    }
  }, [])

  return page
}
