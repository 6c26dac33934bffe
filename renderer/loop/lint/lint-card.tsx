// The card beside the table that tells of a callback which held the loop: what it was, how long, who had to wait, one way
// out, and the lesson about it. A collection that fell into it is not blamed on it. Counterparts: slow-callback.ts,
// loop-log/waiting.ts.
import { GraduationCap, OctagonAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { choose, loadLessons } from '../../lessons/store.ts'
import { useCommands } from '../../link/link.ts'
import type { Callback } from '../../loop-log/callbacks.ts'
import { loopLog } from '../../loop-log/loop-log.ts'
import { type Waiter, type Waiting, whoWaited } from '../../loop-log/waiting.ts'
import { useSelection } from '../../stores/selection.ts'
import { viewStore } from '../../stores/view.ts'
import { Button } from '../../ui/button.tsx'
import { formatDuration } from '../../ui/format.ts'
import { useLoopSettings } from '../settings.ts'
import { useLoopLog } from '../use-loop-log.ts'
import { selectCallback, selectedPosition } from '../view.ts'
import { callbackWords, connectionWords } from '../words.ts'
import { cardFor } from './slow-callback.ts'

/** A collection shorter than this is not worth a word, ms. */
const leastCollectedMs = 1
/** Callbacks of no connection that are listed; connections are listed all. */
const othersListed = 3

/** The callback to tell of with who waited for it; null for none. Follows the log and the selection. */
export const useSlowCallback = (muted: ReadonlySet<number>): Waiting | null => {
  const slowMs = useLoopSettings((state) => state.slowMs)
  const version = useLoopLog((counts) => counts.version)
  const selectedId = useSelection((state) => state.callback)
  return useMemo(() => {
    // Both stand for what is read below: what the log holds, and which of it is selected.
    if (version === 0) return null
    const position = cardFor(loopLog, slowMs, muted, selectedId === null ? null : selectedPosition())
    return position === null ? null : whoWaited(loopLog, position)
  }, [slowMs, muted, version, selectedId])
}

/** Sentence and asyncio's own line about it. */
const What = ({ callback, ranMs }: { readonly callback: Callback; readonly ranMs: number }) => {
  const { t } = useTranslation()
  const { what, detail } = callbackWords(eventLog, callback)
  const { id, name } = connectionWords(callback)
  const full = [what, detail].filter(Boolean).join(', ')
  const place = { what: full, phase: t(`loop.lane.${callback.lane}`), iteration: callback.iteration }
  const short = id === '' ? what : `${what} ${t('loop.conn', { id })}`
  return (
    <>
      <p className="lint-what">
        {id === ''
          ? t('loop.lint.what', place)
          : t('loop.lint.whatOn', { ...place, connection: [id, name].filter(Boolean).join(' ') })}
        {', '}
        {t('loop.lint.started', { time: (callback.start / 1000).toFixed(3) })}
      </p>
      <p className="lint-line data selectable">
        {t('loop.lint.debugLine', { what: `<${short}>`, seconds: (ranMs / 1000).toFixed(3) })}
      </p>
    </>
  )
}

const WaiterRow = ({ waiter }: { readonly waiter: Waiter }) => {
  const { t } = useTranslation()
  const { callback, waitedMs, measure } = waiter
  const { what, detail } = callbackWords(eventLog, callback)
  const { id, name } = connectionWords(callback)
  const said = [what, detail].filter(Boolean).join(', ')
  const duration = formatDuration(waitedMs)
  return (
    <li>
      <button type="button" className="lint-waiter" onClick={() => selectCallback(callback.position)}>
        <span className="data cut">
          {id} <span className="dim">{name}</span>
        </span>
        <span className="cut">{measure === 'since-due' ? t('loop.lint.timerLate', { what: said }) : said}</span>
        <span className="data err-text">{measure === 'at-most' ? t('loop.table.atMost', { duration }) : duration}</span>
      </button>
    </li>
  )
}

const Waiters = ({ waiting }: { readonly waiting: Waiting }) => {
  const { t } = useTranslation()
  const ofConnections = waiting.waiters.filter(({ callback }) => callback.connection !== null)
  const others = waiting.waiters.filter(({ callback }) => callback.connection === null)
  const measures = new Set(waiting.waiters.map(({ measure }) => measure))
  return (
    <>
      <h4 className="lint-delayed">
        {waiting.waiters.length === 0
          ? t(waiting.complete ? 'loop.lint.delayedNone' : 'loop.lint.notYet')
          : t('loop.lint.delayed', { count: waiting.connections.length })}
      </h4>
      <ul className="lint-waiters">
        {ofConnections.map((waiter) => (
          <WaiterRow key={waiter.callback.position} waiter={waiter} />
        ))}
        {others.slice(0, othersListed).map((waiter) => (
          <WaiterRow key={waiter.callback.position} waiter={waiter} />
        ))}
      </ul>
      {others.length > othersListed ? (
        <p className="lint-note">{t('loop.lint.others', { count: others.length - othersListed })}</p>
      ) : null}
      {measures.has('since-poll') ? <p className="lint-note">{t('loop.lint.atLeastHelp')}</p> : null}
      {measures.has('at-most') ? <p className="lint-note">{t('loop.lint.atMostHelp')}</p> : null}
    </>
  )
}

const fixOf = (callback: Callback) => {
  if (callback.type === 'block-loop') return 'loop.lint.fixAsked'
  if (callback.lane === 'poll') return 'loop.lint.fixRead'
  return callback.lane === 'timers' ? 'loop.lint.fixTimer' : 'loop.lint.fixOther'
}

/** The lesson about it, by its name in main/engine/lessons. */
const lessonName = 'blocking-the-loop'

export const LintCard = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const [muted, setMuted] = useState<ReadonlySet<number>>(() => new Set())
  const slowMs = useLoopSettings((state) => state.slowMs)
  const waiting = useSlowCallback(muted)
  if (waiting === null) return null
  const { callback, ranMs, collectedMs } = waiting
  const openLesson = async () => {
    viewStore.getState().show('lessons')
    await loadLessons(commands)
    choose(lessonName, commands)
  }
  // A collection stops the thread whatever runs: what is left after it is the callback's own.
  const blamed = ranMs - collectedMs >= slowMs
  return (
    <aside className="lint scroll" aria-label={t('loop.lint.region')} data-pane="lint">
      <h3 className={blamed ? 'lint-title err-text' : 'lint-title'}>
        <OctagonAlert size={16} aria-hidden="true" />
        {blamed
          ? t('loop.lint.blocked', { duration: formatDuration(ranMs) })
          : t('loop.lint.collected', { duration: formatDuration(collectedMs) })}
      </h3>
      <What callback={callback} ranMs={ranMs} />
      {collectedMs >= leastCollectedMs ? (
        <p className="lint-note">
          {blamed
            ? t('loop.lint.gcPart', { duration: formatDuration(collectedMs) })
            : t('loop.lint.gcWhole', {
                what: callbackWords(eventLog, callback).what,
                duration: formatDuration(ranMs - collectedMs),
              })}
        </p>
      ) : null}
      <Waiters waiting={waiting} />
      <p className="lint-fix">{t(blamed ? fixOf(callback) : 'loop.lint.fixCollection')}</p>
      <div className="lint-foot">
        <Button weight="raised" onClick={() => void openLesson()}>
          <GraduationCap size={14} aria-hidden="true" />
          {t('loop.lint.lesson')}
        </Button>
        <Button
          weight="quiet"
          title={t('loop.lint.muteHelp')}
          onClick={() => setMuted((ids) => new Set(ids).add(callback.id))}
        >
          {t('loop.lint.mute')}
        </Button>
      </div>
    </aside>
  )
}
