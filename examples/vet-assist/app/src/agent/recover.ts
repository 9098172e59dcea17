import { randomUUID } from 'node:crypto'
import type { Conversations } from '../conversation/conversations.ts'
import { INTERRUPTED } from './call.ts'
import { nextOf } from './next.ts'

/** After a start: what was under way when the app stopped is said to be so, and waits for the person. */
export function recover(conversations: Conversations, clock: () => number): void {
  for (const conversation of conversations.all()) {
    for (const item of conversations.items(conversation)) {
      if (item.kind === 'assistant' && !item.done)
        conversations.put(conversation, { ...item, done: true, broken: true })
      if (item.kind === 'tool' && item.state === 'running')
        conversations.put(
          conversation,
          item.writes ? { ...item, state: 'interrupted', ...INTERRUPTED } : { ...item, state: 'ready' },
        )
    }
    const items = conversations.items(conversation)
    const isOpen = ['call', 'ask-model'].includes(nextOf(items).do)
    const isTold = items.at(-1)?.kind === 'notice'
    if (isOpen && !isTold)
      conversations.put(conversation, {
        kind: 'notice',
        id: randomUUID(),
        at: clock(),
        text: 'Vet Assist AI was restarted while it was working on this.',
        retry: true,
      })
  }
}
