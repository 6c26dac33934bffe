// The Loop screen: what the event loop does, live or at the playhead. Numbers above; ring, queues and probe at the left;
// flame timeline, playback, callback table and the slow callback's card at the right. Counterpart: app.tsx shows it.
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { eventLog } from '../event-log/event-log.ts'
import { followShown } from '../event-log/shown.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { selectionStore } from '../stores/selection.ts'
import { useStaleness } from '../stores/staleness.ts'
import { useViewing } from '../stores/viewing.ts'
import { Button } from '../ui/button.tsx'
import { CallbackTable } from './callback-table/callback-table.tsx'
import { FlameChart } from './flame/chart.tsx'
import { FlameHeader } from './flame/header.tsx'
import { noteClicks } from './keys.ts'
import { LintCard } from './lint/lint-card.tsx'
import './loop.css'
import { Metrics } from './metrics/metrics.tsx'
import { followMoment } from './moment-store.ts'
import { stopPlaying } from './playback.ts'
import { PlaybackBar } from './playback-bar.tsx'
import { ProbeControls, useSetLevel } from './probe-controls.tsx'
import { Queues } from './ring/queues.tsx'
import { Ring } from './ring/ring.tsx'
import { Sentence } from './ring/sentence.tsx'
import { useLoopSettings } from './settings.ts'
import { useLoopLog } from './use-loop-log.ts'
import { follow, loopView, moveTo, noteAppends, selectCallback, selectedPosition } from './view.ts'

/** Said over the empty timeline: why there is nothing to see, and what to do about it. */
const FlameNotice = () => {
  const { t } = useTranslation()
  const level = useLoopSettings((state) => state.level)
  const file = useViewing((state) => state.file !== null)
  const recorded = useLoopLog((counts) => counts.lastAt > 0)
  const callbacks = useLoopLog((counts) => counts.callbacks)
  const stale = useStaleness()
  const setLevel = useSetLevel()
  // What is there is there to be read, and says by the clock how far it goes.
  if (stale !== null) return callbacks === 0 ? <p className="flame-notice">{t(`loop.say.${stale}`)}</p> : null
  // Of an opened file there is what was recorded, whatever is watched now.
  if (file) return recorded ? null : <p className="flame-notice">{t('loop.flame.noRecords')}</p>
  if (level === 'off')
    return (
      <div className="flame-notice" role="status">
        <span>{t('loop.flame.off')}</span>
        <Button weight="primary" onClick={() => void setLevel('callbacks')}>
          {t('loop.flame.watch')}
        </Button>
      </div>
    )
  if (level === 'heartbeat') return <p className="flame-notice low">{t('loop.flame.notWatchedCallbacks')}</p>
  return callbacks === 0 ? <p className="flame-notice">{t('loop.flame.empty')}</p> : null
}

/** The screen opens at what was selected on the wire meanwhile, else where it was left, or at now where the wire follows. */
const takeSelection = () => {
  const { following, seq } = selectionStore.getState()
  if (following) {
    follow()
    return
  }
  const { playhead } = loopView.getState()
  const position = selectedPosition()
  const callback = position === null ? null : loopLog.callbacks.at(position)
  if (callback !== null && (playhead === null || playhead < callback.start || playhead > callback.end))
    selectCallback(callback.position, true)
  else if (playhead === null) moveTo(seq !== null && eventLog.has(seq) ? eventLog.at(seq) : loopLog.lastAt, false)
}

/** Following and a playhead exclude each other, whoever changes either. */
const keepInStep = () =>
  selectionStore.subscribe((state, before) => {
    if (state.following && !before.following) follow()
    if (!state.following && before.following && loopView.getState().playhead === null && loopLog.version > 0)
      loopView.setState({ playhead: loopLog.lastAt })
  })

export const LoopView = () => {
  const { t } = useTranslation()
  useEffect(followShown, [])
  useEffect(followMoment, [])
  useEffect(keepInStep, [])
  useEffect(noteAppends, [])
  useEffect(noteClicks, [])
  useEffect(() => {
    takeSelection()
    return stopPlaying
  }, [])
  return (
    <div className="loop">
      <Metrics />
      <div className="loop-columns">
        <div className="loop-side scroll">
          <Ring />
          <Queues />
          <span className="grow" />
          <Sentence />
          <ProbeControls />
        </div>
        <Group id="loop-rows" orientation="vertical" className="loop-main">
          <Panel id="flame" defaultSize="57" minSize={240}>
            <section className="flame" aria-label={t('loop.flame.region')}>
              <FlameHeader />
              <div className="flame-body" data-pane="flame">
                <FlameChart />
                <FlameNotice />
              </div>
              <PlaybackBar />
            </section>
          </Panel>
          <Separator className="split horizontal" aria-label={t('loop.flame.split')} />
          <Panel id="callbacks" minSize={96}>
            <div className="loop-lower">
              <div className="loop-table" data-pane="callbacks">
                <CallbackTable />
              </div>
              <LintCard />
            </div>
          </Panel>
        </Group>
      </div>
    </div>
  )
}
