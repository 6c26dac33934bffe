// The loop in two numbers, in the title bar of every screen: how busy it was, and how long things had to wait for it.
// Counterparts: use-measures.ts, workbench/title-bar.
import './pill.css'
import { useTranslation } from 'react-i18next'
import { useEngine } from '../stores/capture.ts'
import { useLinkStatus } from '../stores/link-status.ts'
import { viewStore } from '../stores/view.ts'
import { useViewing } from '../stores/viewing.ts'
import { formatDuration } from '../ui/format.ts'
import { Hint } from '../ui/hint.tsx'
import { Bars } from './metrics/charts.tsx'
import { useLoopSettings } from './settings.ts'
import { lately, useMeasures } from './use-measures.ts'

const periodMs = 500

export const LoopPill = () => {
  const { t } = useTranslation()
  const level = useLoopSettings((state) => state.level)
  const slowMs = useLoopSettings((state) => state.slowMs)
  const running = useEngine((state) => state.running)
  const reached = useLinkStatus((state) => state.phase === 'ready')
  const file = useViewing((state) => state.file !== null)
  const measures = useMeasures(lately, periodMs)
  // Of an opened file there is no last 10 s.
  if (!running || level === null || file) return null
  const busy = measures?.busy ?? null
  const p99 = measures?.delays?.p99
  const dash = t('word.unknown')
  return (
    <Hint text={t('loop.pill.help')}>
      <button type="button" className="pill loop-pill" onClick={() => viewStore.getState().show('loop')}>
        {level === 'off' || !reached ? (
          t(reached ? 'loop.pill.off' : 'loop.pill.unreached')
        ) : (
          <>
            {measures === null ? null : (
              <Bars
                label={t('loop.metric.chartBusy')}
                values={measures.busyByPart}
                full={1}
                marked={(i) => measures.slowByPart[i] === 1}
                width={64}
                height={12}
              />
            )}
            <span>
              {t('loop.pill.busy')}{' '}
              <span className="data strong">{busy === null ? dash : `${(busy * 100).toFixed(0)}\u202f%`}</span>
            </span>
            <span>
              {t('loop.pill.delay')}{' '}
              <span className={p99 !== undefined && p99 >= slowMs ? 'data err-text' : 'data strong'}>
                {p99 === undefined ? dash : formatDuration(p99)}
              </span>
            </span>
          </>
        )}
      </button>
    </Hint>
  )
}
