// The buttons of the playback, its speeds, and the slider over the whole recording. Counterparts: playback.ts, view.ts.
import { ChevronFirst, ChevronLast, Pause, Play, Radio, StepBack, StepForward } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { loopLog } from '../loop-log/loop-log.ts'
import { useSelection } from '../stores/selection.ts'
import { useAbsence } from '../stores/staleness.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { setSpeed, speeds, togglePlay } from './playback.ts'
import { useLoopLog } from './use-loop-log.ts'
import { follow, moveTo, stepCallback, stepIteration, useLoopView } from './view.ts'

const speedText = { 0.001: '1/1000', 0.01: '1/100', 0.1: '1/10', 1: '1×' } as const

const Scrub = () => {
  const { t } = useTranslation()
  const firstAt = useLoopLog((counts) => counts.firstAt)
  const lastAt = useLoopLog((counts) => counts.lastAt)
  const playhead = useLoopView((state) => state.playhead)
  const at = Math.min(lastAt, Math.max(firstAt, playhead ?? lastAt))
  const share = lastAt > firstAt ? ((at - firstAt) / (lastAt - firstAt)) * 100 : 100
  const time = (at / 1000).toFixed(3)
  return (
    <>
      <input
        type="range"
        className="scrub"
        aria-label={t('loop.playback.scrub')}
        aria-valuetext={t('loop.playback.scrubText', {
          time,
          iteration: loopLog.iterations.turnAt(at)?.number ?? '–',
        })}
        min={firstAt}
        max={Math.max(lastAt, firstAt + 1)}
        step="any"
        value={at}
        disabled={lastAt <= firstAt}
        style={{ '--share': `${share}%` } as React.CSSProperties}
        onChange={(event) => moveTo(Number(event.target.value))}
      />
      <span className="playback-time data">
        {t('loop.playback.of', { at: time, whole: (lastAt / 1000).toFixed(3) })}
      </span>
    </>
  )
}

export const PlaybackBar = () => {
  const { t } = useTranslation()
  const playing = useLoopView((state) => state.playing)
  const speed = useLoopView((state) => state.speed)
  const following = useSelection((state) => state.following)
  const empty = useLoopLog((counts) => counts.version === 0)
  const stale = useAbsence()
  const runs = playing || following
  return (
    <section className="playback" aria-label={t('loop.playback.region')} data-pane="playback">
      <IconButton
        label={t('loop.playback.previousIteration')}
        shortcut="Shift ,"
        disabled={empty}
        wide
        onClick={() => stepIteration(-1)}
      >
        <ChevronFirst size={16} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('loop.playback.stepBack')}
        shortcut=","
        disabled={empty}
        wide
        onClick={() => stepCallback(-1)}
      >
        <StepBack size={16} aria-hidden="true" />
        <Kbd>,</Kbd>
      </IconButton>
      <Button
        weight="primary"
        disabled={empty}
        onClick={togglePlay}
        aria-label={t(runs ? 'loop.playback.pause' : 'loop.playback.play')}
      >
        {runs ? <Pause size={14} aria-hidden="true" /> : <Play size={14} aria-hidden="true" />}
        <Kbd>Space</Kbd>
      </Button>
      <IconButton label={t('loop.playback.step')} shortcut="." disabled={empty} wide onClick={() => stepCallback(1)}>
        <StepForward size={16} aria-hidden="true" />
        <Kbd>.</Kbd>
      </IconButton>
      <IconButton
        label={t('loop.playback.nextIteration')}
        shortcut="Shift ."
        disabled={empty}
        wide
        onClick={() => stepIteration(1)}
      >
        <ChevronLast size={16} aria-hidden="true" />
      </IconButton>
      <Segmented
        label={t('loop.playback.speed')}
        value={`${speed}`}
        choices={speeds.map((each) => ({ value: `${each}`, text: speedText[each] }))}
        onChange={(next) => setSpeed(Number(next))}
      />
      <Scrub />
      <Button weight="quiet" className="playback-live" aria-pressed={following} disabled={empty} onClick={follow}>
        <Radio size={14} aria-hidden="true" />
        {stale === null ? t(following ? 'loop.playback.live' : 'loop.playback.goLive') : t('loop.playback.toEnd')}
      </Button>
    </section>
  )
}
