import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { AdminError } from '@permitry/admin-api'
import { sessionQuery } from './api/session.ts'
import { router } from './routes.tsx'
import './style.css'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one however often it is asked for; a line that was cut may be back.
      retry: (count, error) => count < 1 && !(error instanceof AdminError),
    },
  },
})

// Whoever was signed out elsewhere learns it at the next answer, on whatever page.
queries.getQueryCache().subscribe(({ query, type }) => {
  const error: unknown = query.state.error
  if (type === 'updated' && error instanceof AdminError && error.problem.status === 401)
    void queries.invalidateQueries(sessionQuery)
})

// A page that the browser kept for its back button may be that of somebody who has signed out since.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload()
})

const root = document.getElementById('app')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Suspense>
          <RouterProvider router={router} />
        </Suspense>
      </QueryClientProvider>
    </StrictMode>,
  )
