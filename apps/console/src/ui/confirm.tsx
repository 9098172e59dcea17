import type { UseMutationResult } from '@tanstack/react-query'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Failure } from './states.tsx'

interface ConfirmProps {
  title: string
  /** What follows from a yes. */
  what: string
  action: string
  change: UseMutationResult<unknown, unknown, void>
  onClose: () => void
}

/** Asks before something is taken away, and shows there why it could not be. */
export function Confirm({ title, what, action, change, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} open onClose={onClose}>
      <p>{what}</p>
      {change.isError && <Failure error={change.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{texts.cancel}</Button>
        <Button look="danger" disabled={change.isPending} onClick={() => change.mutate()}>
          {change.isPending ? texts.saving : action}
        </Button>
      </div>
    </Dialog>
  )
}
