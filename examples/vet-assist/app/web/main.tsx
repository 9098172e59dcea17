import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './styles/index.css'

// A page that the browser kept for its back button may be that of somebody who has signed out since.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload()
})

const root = document.getElementById('app')
if (root) createRoot(root).render(<App />)
