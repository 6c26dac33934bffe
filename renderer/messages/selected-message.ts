// The message that is selected: whoever selects one selects its chunks, the first of which the inspector shows. It is let go of
// when something outside of it is selected. Counterparts: messages-table.tsx (selects), event-table (draws its chunks).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { eventLog } from '../event-log/event-log.ts'
import { selectSeq } from '../event-log/step.ts'
import { selectionStore } from '../stores/selection.ts'
import type { Message } from './stream-cutter.ts'

const store = createStore<{ readonly message: Message | null }>()(() => ({ message: null }))

/** True for the chunks of a message; of one with very many, by its connection and direction. */
export const holds = (message: Message, seq: number): boolean => {
  if (seq < message.firstSeq || seq > message.lastSeq) return false
  if (message.seqs.length === message.chunks) return message.seqs.includes(seq)
  return (
    eventLog.has(seq) &&
    eventLog.connection(seq) === message.connection &&
    eventLog.kind(seq) === (message.direction === 'sent' ? 'data-sent' : 'data-received')
  )
}

selectionStore.subscribe(({ seq }) => {
  const { message } = store.getState()
  if (message !== null && (seq === null || !holds(message, seq))) store.setState({ message: null })
})

export const selectMessage = (message: Message): void => {
  store.setState({ message })
  selectionStore.getState().setFollowing(false)
  selectSeq(message.firstSeq)
}

export const selectedMessage = (): Message | null => store.getState().message
export const useSelectedMessage = (): Message | null => useStore(store, (state) => state.message)
