// Enter on one of several ways that stand side by side submits the form that it is in, as it does in a field; Space chooses.
// Counterparts: export-sheet.tsx, replay-sheet.tsx, ui/segmented.tsx.
import type { KeyboardEvent } from 'react'

export const submitFromSegment = (event: KeyboardEvent<HTMLFormElement>): void => {
  if (event.key !== 'Enter' || !(event.target as Element).matches('.seg-item')) return
  event.preventDefault()
  event.currentTarget.requestSubmit()
}
