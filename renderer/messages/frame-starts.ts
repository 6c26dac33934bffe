// Where messages begin in a chunk, for the dump of it, while an endpoint's streams are cut. Counterparts: messages.ts,
// inspector/bytes-section.tsx.
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { eventLog } from '../event-log/event-log.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { messages } from './messages.ts'

/** How long streams stay cut after nobody looks at them any more, ms: the next event looked at is often of the same. */
const lingersMs = 30_000

const none: ReadonlySet<number> = new Set()

export interface FrameStarts {
  readonly starts: ReadonlySet<number>
  /** How many begin here, in a sentence; empty where the chunk is not cut. */
  readonly words: string
}

export const useFrameStarts = (seq: number): FrameStarts => {
  const { t } = useTranslation()
  const endpoint = eventLog.endpoint(seq)
  const framed = useEndpoints((state) => {
    const framing = endpoint === null ? undefined : state.endpoints.get(endpoint)?.spec.framing
    return framing !== undefined && framing.kind !== 'raw'
  })
  useEffect(() => {
    if (!framed) return
    const letGo = messages.use()
    return () => {
      setTimeout(letGo, lingersMs)
    }
  }, [framed])
  const found = useStore(messages.store, () => (framed ? messages.startsIn(seq) : null))
  return useMemo(() => {
    if (found === null) return { starts: none, words: '' }
    return {
      starts: new Set(found),
      words: found.length === 0 ? t('messages.framesNone') : t('messages.frames', { count: found.length }),
    }
  }, [found, t])
}
