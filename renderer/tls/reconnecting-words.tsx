// How long until a client tries again, counted down once a second. Counterpart: the engine's `EndpointInfo.reconnecting`.
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Reconnecting } from '../../preload/contract/vocabulary.ts'
import { useEndpoints } from '../stores/endpoints.ts'

export const ReconnectingWords = ({
  reconnecting,
  short = false,
}: {
  readonly reconnecting: Reconnecting
  /** For where there is little room. */
  readonly short?: boolean
}) => {
  const { t } = useTranslation()
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const leftMs = startedAt === null ? 0 : startedAt + reconnecting.at - now
  return t(short ? 'tls.reconnectingShort' : 'tls.reconnecting', {
    seconds: Math.max(0, Math.ceil(leftMs / 1000)),
    attempt: reconnecting.attempt,
  })
}
