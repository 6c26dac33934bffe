// How much of the loop is watched and what that costs, from when a callback counts as slow, and a button that blocks the
// loop on purpose. Counterparts: settings.ts, the contract's setProbe and blockLoop.
import { OctagonAlert } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ProbeLevel, probeLevels } from '../../preload/contract/loop-columns.ts'
import { shownNow } from '../event-log/shown.ts'
import { useCommands } from '../link/link.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { noticeStore } from '../stores/notice.ts'
import { useAbsence } from '../stores/staleness.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Hint } from '../ui/hint.tsx'
import { costSource, costWords } from './probe-cost.ts'
import { blockChoices, isSlowMs, loopSettings, slowBounds, useLoopSettings } from './settings.ts'
import { lately, useMeasures } from './use-measures.ts'
import { follow } from './view.ts'

/** Asks the engine for a level, and takes the one that it says is in force. */
export const useSetLevel = () => {
  const commands = useCommands()
  return async (level: ProbeLevel): Promise<void> => {
    const result = await commands.setProbe({ level })
    if (noticeStore.getState().report(result) && result.ok)
      loopSettings.getState().takeLevel(result.value, Math.max(shownNow(), loopLog.lastAt))
  }
}

const Level = () => {
  const { t } = useTranslation()
  const level = useLoopSettings((state) => state.level)
  const setLevel = useSetLevel()
  const running = useAbsence() === null
  return (
    <>
      <span className="probe-label" aria-hidden="true">
        {t('loop.probe.level')}
      </span>
      <Choice
        className="probe-level"
        label={t('loop.probe.levelLabel')}
        value={level}
        disabled={!running}
        side="top"
        options={probeLevels.map((each) => ({
          value: each,
          text: t(`loop.probe.levels.${each}`),
          help: t(`loop.probe.levelHelp.${each}`),
          more: costWords(each),
        }))}
        note={costSource()}
        onChange={(next) => void setLevel(next)}
      />
    </>
  )
}

/** What watching costs, as far as it can be measured from inside: the time of Wireloop's own callbacks. */
const OwnWork = () => {
  const { t } = useTranslation()
  const level = useLoopSettings((state) => state.level)
  const measures = useMeasures(lately, 1000)
  const own = measures?.ownWork ?? null
  const stale = useAbsence()
  const known = own !== null && level !== 'heartbeat' && level !== 'off' && stale === null
  return (
    <Hint text={t('loop.probe.ownWorkHelp')} side="top">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip says what the number means, by keyboard too. */}
      <span className="probe-own" tabIndex={0}>
        {t('loop.probe.ownWork', { share: known ? `${(own * 100).toFixed(own < 0.0995 ? 1 : 0)}\u202f%` : '–' })}
      </span>
    </Hint>
  )
}

const Slow = () => {
  const { t } = useTranslation()
  const id = useId()
  const slowMs = useLoopSettings((state) => state.slowMs)
  const [text, setText] = useState<string | null>(null)
  const value = text === null ? slowMs : Number(text.replace(',', '.'))
  const wrong = text !== null && (text.trim() === '' || !isSlowMs(value))
  const problem = t('loop.probe.slowProblem', { least: slowBounds.leastMs, most: slowBounds.mostMs })
  return (
    <>
      <label className="probe-label" htmlFor={id}>
        {t('loop.probe.slow')}
      </label>
      <span className="probe-slow">
        <input
          id={id}
          className="input data"
          inputMode="decimal"
          aria-label={t('loop.probe.slowLabel')}
          aria-invalid={wrong}
          {...(wrong ? { title: problem } : {})}
          value={text ?? `${slowMs}`}
          onChange={(event) => {
            const next = event.target.value
            setText(next)
            const ms = Number(next.replace(',', '.'))
            if (next.trim() !== '' && isSlowMs(ms)) loopSettings.getState().set({ slowMs: ms })
          }}
          onBlur={() => setText(null)}
        />
        <span className="dim">{t('loop.probe.slowUnit')}</span>
        {wrong ? (
          <span className="probe-problem err-text" role="alert">
            {problem}
          </span>
        ) : null}
      </span>
    </>
  )
}

const Block = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const running = useAbsence() === null
  const blockMs = useLoopSettings((state) => state.blockMs)
  const [blocking, setBlocking] = useState(false)
  const block = async () => {
    follow()
    setBlocking(true)
    noticeStore.getState().report(await commands.blockLoop({ durationMs: blockMs }))
    setBlocking(false)
  }
  return (
    <span className="probe-block">
      <Hint text={t('loop.probe.blockHelp')} side="top">
        <Button weight="raised" disabled={!running || blocking} onClick={() => void block()}>
          <OctagonAlert size={14} aria-hidden="true" />
          {t('loop.probe.block')}
        </Button>
      </Hint>
      <Choice
        label={t('loop.probe.blockFor')}
        value={blockMs}
        side="top"
        options={blockChoices.map((ms) => ({ value: ms, text: t('loop.probe.ms', { count: ms }) }))}
        onChange={(next) => loopSettings.getState().set({ blockMs: next })}
      />
    </span>
  )
}

export const ProbeControls = () => {
  const { t } = useTranslation()
  return (
    <section className="probe" aria-label={t('loop.probe.region')} data-pane="probe">
      <div className="probe-row">
        <Level />
        <Slow />
      </div>
      <div className="probe-row">
        <Block />
        <span className="grow" />
        <OwnWork />
      </div>
    </section>
  )
}
