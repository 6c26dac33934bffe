// What was taken out of a list a moment ago, and can be put back at its place for some seconds. Counterparts: chain.ts
// (`withBack`), fault-list.tsx and replacements.tsx.
import { useEffect, useState } from 'react'
import type { Keyed } from './chain.ts'
import { undoMs } from './held-queue.ts'

export interface Removed<T> {
  readonly item: Keyed<T>
  readonly index: number
}

export const useUndo = <T>() => {
  const [removed, setRemoved] = useState<Removed<T> | null>(null)
  useEffect(() => {
    if (removed === null) return
    const timer = setTimeout(() => setRemoved(null), undoMs)
    return () => clearTimeout(timer)
  }, [removed])
  return { removed, note: setRemoved, clear: () => setRemoved(null) }
}
