// The row of numbers above the Loop screen: how fast the loop turns, how busy it is, how long things wait for it, and its
// longest callback. What was not measured shows a dash. Counterparts: loop-log/measures.ts, charts.tsx.
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { delayBinStart, type Measures } from '../../loop-log/measures.ts'
import { useSelection } from '../../stores/selection.ts'
import { useAbsence } from '../../stores/staleness.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { Hint } from '../../ui/hint.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { useLoopSettings } from '../settings.ts'
import { useLoopLog } from '../use-loop-log.ts'
import { aroundShown, useMeasures } from '../use-measures.ts'
import { goToLongest } from '../view.ts'
import { callbackWords, connectionWords } from '../words.ts'
import { Bars } from './charts.tsx'

/** How often the numbers change while records stream in, ms. */
const periodMs = 250

/** A number in three digits: `38.5`, `4.1`, `1 204`. */
export const threeDigits = (value: number): string =>
  value >= 99.95 ? formatCount(value) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)

/** A length of time cut into its number and its unit. */
export const splitDuration = (ms: number): readonly [value: string, unit: string] => {
  const text = ms >= 1 && ms < 10 ? `${ms.toFixed(2)}\u202fms` : formatDuration(ms)
  const at = text.indexOf('\u202f')
  return [text.slice(0, at), text.slice(at + 1)]
}

const Value = ({ value, unit, err = false }: { value: string; unit?: string; err?: boolean }) => (
  <span className={err ? 'metric-value err-text' : 'metric-value'}>
    {value}
    {unit === undefined ? null : <small>{unit}</small>}
  </span>
)

const DurationValue = ({ ms, err = false }: { readonly ms: number | undefined; readonly err?: boolean }) => {
  if (ms === undefined) return <Value value="–" />
  const [value, unit] = splitDuration(ms)
  return <Value value={value} unit={unit} err={err} />
}

interface CellProps {
  readonly label: string
  readonly help: string
  readonly value: ReactNode
  readonly caption?: string
  readonly chart?: ReactNode
  readonly className?: string
}

const Cell = ({ label, help, value, caption, chart, className }: CellProps) => (
  <Hint text={help}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip says what the number means, by keyboard too. */}
    <section className={['metric', className ?? ''].filter(Boolean).join(' ')} tabIndex={0} aria-label={label}>
      <div className="metric-numbers">
        <span className="metric-label">{label}</span>
        {value}
      </div>
      <div className="metric-side">
        {caption === undefined ? null : <span className="metric-caption data">{caption}</span>}
        {chart}
      </div>
    </section>
  </Hint>
)

const percent = (share: number): string => (share >= 0.0995 ? (share * 100).toFixed(0) : (share * 100).toFixed(1))

const Longest = () => {
  const { t } = useTranslation()
  const version = useLoopLog((counts) => counts.version)
  const slowMs = useLoopSettings((state) => state.slowMs)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the log holds
  const position = useMemo(() => loopLog.callbacks.longest(), [version])
  // Another stretch may be looked at by now.
  const held = position !== null && position >= loopLog.callbacks.first && position < loopLog.callbacks.end
  const callback = held ? loopLog.callbacks.at(position) : null
  const words = callback === null ? null : callbackWords(eventLog, callback)
  const connection = callback === null ? null : connectionWords(callback)
  const ranMs = callback === null ? undefined : callback.end - callback.start
  return (
    <section className="metric longest" aria-label={t('loop.metric.longest')}>
      <div className="metric-numbers">
        <span className="metric-label">{t('loop.metric.longest')}</span>
        <DurationValue ms={ranMs} err={ranMs !== undefined && ranMs >= slowMs} />
      </div>
      <div className="longest-what">
        <span className="cut">
          {words === null ? t('loop.metric.longestNone') : words.what}
          {connection === null || connection.id === ''
            ? ''
            : `, ${t('loop.conn', { id: connection.id })} ${connection.name}`}
        </span>
        {callback === null ? null : (
          <span className="cut dim">
            {t('loop.metric.longestAt', { iteration: callback.iteration, time: (callback.start / 1000).toFixed(3) })}
          </span>
        )}
      </div>
      <Button weight="quiet" className="longest-go" disabled={position === null} onClick={() => goToLongest()}>
        <span className="longest-go-text">{t('loop.metric.goTo')}</span>
        <Kbd>B</Kbd>
      </Button>
    </section>
  )
}

const useStretchText = (measures: Measures | null): string => {
  const { t } = useTranslation()
  const following = useSelection((state) => state.following)
  const stale = useAbsence()
  if (measures === null) return ''
  const { fromAt, toAt } = measures
  return following && stale === null
    ? t('loop.metric.stretch', { seconds: ((toAt - fromAt) / 1000).toFixed(1) })
    : t('loop.metric.stretchAt', { from: (fromAt / 1000).toFixed(1), to: (toAt / 1000).toFixed(1) })
}

export const Metrics = () => {
  const { t } = useTranslation()
  const measures = useMeasures(aroundShown, periodMs)
  const counted = useLoopLog((counts) => counts.countedIterations)
  const lastIteration = useLoopLog((counts) => counts.lastIteration)
  const slowMs = useLoopSettings((state) => state.slowMs)
  const stretch = useStretchText(measures)
  const seconds = measures === null ? 0 : (measures.toAt - measures.fromAt) / 1000
  const { iterations = 0, busy = null, ownWork = null, delays = null } = measures ?? {}
  const whole = measures !== null && seconds > 0
  return (
    <section className="metrics" aria-label={t('loop.metric.region')} data-pane="metrics">
      <Cell
        className="metric-iterations"
        label={t('loop.metric.iterations')}
        help={t('loop.metric.iterationsHelp', { count: counted, number: lastIteration })}
        value={<Value value={whole ? threeDigits(iterations / seconds) : '–'} />}
        caption={whole ? t('loop.metric.iterationsCounted', { number: formatCount(iterations), stretch }) : ''}
        chart={
          measures === null ? null : (
            <Bars label={t('loop.metric.chartIterations')} values={measures.iterationsByPart} />
          )
        }
      />
      <Cell
        label={t('loop.metric.busy')}
        help={t('loop.metric.busyHelp', {
          covered: formatDuration(measures?.coveredMs ?? 0),
          own: ownWork === null ? '–' : `${percent(ownWork)}\u202f%`,
        })}
        value={busy === null ? <Value value="–" /> : <Value value={percent(busy)} unit="%" />}
        chart={
          measures === null ? null : (
            <Bars
              label={t('loop.metric.chartBusy')}
              values={measures.busyByPart}
              full={1}
              marked={(i) => measures.slowByPart[i] === 1}
              width={80}
            />
          )
        }
      />
      <Cell
        label={t('loop.metric.delay')}
        help={t('loop.metric.delayHelp')}
        className="metric-delay"
        value={
          <span className="metric-values">
            <span>
              <small className="metric-label">{t('loop.metric.p50')}</small>
              <DurationValue ms={delays?.p50} />
            </span>
            <span>
              <small className="metric-label">{t('loop.metric.p99')}</small>
              <DurationValue ms={delays?.p99} err={delays !== null && delays.p99 >= slowMs} />
            </span>
            <span>
              <small className="metric-label">{t('loop.metric.max')}</small>
              <DurationValue ms={delays?.max} err={delays !== null && delays.max >= slowMs} />
            </span>
          </span>
        }
        chart={
          measures === null ? null : (
            <Bars
              label={t('loop.metric.chartDelay')}
              values={measures.delayCounts.map((count) => Math.log10(count + 1))}
              marked={(bin) => delayBinStart(bin + 1) > slowMs}
              width={64}
            />
          )
        }
      />
      <Cell
        className="metric-events"
        label={t('loop.metric.eventsPerIteration')}
        help={t('loop.metric.eventsHelp')}
        value={<Value value={iterations > 0 ? threeDigits(measures!.events / iterations) : '–'} />}
      />
      <Longest />
    </section>
  )
}
