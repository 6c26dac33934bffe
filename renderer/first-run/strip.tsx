// The clock at the foot of the first screen: the engine's time, already running, with nothing on it yet. It shows no more
// than is known: that the loop's thread runs, not what it does. Counterpart: the lifelines, which take its place.
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useEngine } from '../stores/capture.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { useLinkStatus } from '../stores/link-status.ts'

const spanSeconds = 8
/** The clock's hand stays left of this second, so that there is room for what comes. */
const handLimit = 6
const periodMs = 250

const useElapsedSeconds = (): number | null => {
  const startedAt = useEndpoints((state) => state.startedAtEpochMs)
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), periodMs)
    return () => clearInterval(timer)
  }, [])
  return startedAt === null ? null : Math.max(0, (now - startedAt) / 1000)
}

export const Strip = () => {
  const { t } = useTranslation()
  const elapsed = useElapsedSeconds()
  const running = useEngine((state) => state.running)
  const reached = useLinkStatus((state) => state.phase === 'ready')
  const first = elapsed === null ? 0 : Math.max(0, Math.ceil(elapsed - handLimit))
  const hand = elapsed === null ? 0 : (elapsed - first) / spanSeconds
  const seconds = Array.from({ length: spanSeconds + 1 }, (_, i) => first + i)
  const percent = `${hand * 100}%`
  return (
    <section className="strip" aria-label={t('firstRun.strip')}>
      <div className="strip-axis" aria-hidden="true">
        {seconds.map((second) => (
          <span key={second} className="strip-tick data" style={{ left: `${((second - first) / spanSeconds) * 100}%` }}>
            {second}
            {second === first ? ' s' : ''}
          </span>
        ))}
      </div>
      <span className="strip-label">{t('firstRun.noConnections')}</span>
      <div className="strip-line" />
      <span className="strip-label">{t('firstRun.loop')}</span>
      <div className="strip-loop">
        <span className="strip-wait" style={{ width: percent }} />
        <span className="strip-hand" style={{ left: percent }} />
        <span className="strip-words" style={{ left: percent }}>
          {t(running && reached ? 'firstRun.waiting' : 'firstRun.notConnected')}
        </span>
      </div>
    </section>
  )
}
