// The moment in one sentence, for who looks at a loop for the first time. Counterparts: ring.tsx, queues.tsx.
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../../event-log/event-log.ts'
import { useAbsence } from '../../stores/staleness.ts'
import { formatDuration } from '../../ui/format.ts'
import type { Moment } from '../moment.ts'
import { useMoment } from '../moment-store.ts'
import { useLoopSettings } from '../settings.ts'
import { lately as lastTenSeconds, useMeasures } from '../use-measures.ts'
import { callbackWords } from '../words.ts'

/** Busy enough to be worth saying. */
const busyShare = 0.2

interface Said {
  readonly before: string
  readonly strong: string
  readonly after: string
}

const plain = (before: string): Said => ({ before, strong: '', after: '' })

const say = (t: TFunction, moment: Moment): Said => {
  const { running, turn } = moment
  if (turn === null) return plain(t('loop.say.nothing'))
  if (running === null && moment.polling)
    return plain(t('loop.say.polling', { count: turn.events, whole: formatDuration(turn.readyAt - turn.start) }))
  if (moment.hidden) return plain(t('loop.say.hidden'))
  if (running === null) return plain(t(moment.phase === null ? 'loop.say.betweenPhases' : 'loop.say.between'))
  const waiting = [...moment.toCome.values()].flat()
  const behind = waiting.length + [...moment.more.values()].reduce((sum, more) => sum + more, 0)
  const late = waiting.filter(
    ({ lane, readyAt }) => lane === 'timers' && readyAt !== null && readyAt < moment.at,
  ).length
  const tail = behind === 0 ? t('loop.say.alone') : t('loop.say.behind', { count: behind })
  return {
    before: t('loop.say.inside', { what: callbackWords(eventLog, running).what }),
    strong: t('loop.say.until'),
    after: late === 0 ? tail : `${tail} ${t('loop.say.late', { count: late })}`,
  }
}

export const Sentence = () => {
  const { t } = useTranslation()
  const moment = useMoment((state) => state.moment)
  const level = useLoopSettings((state) => state.level)
  const measures = useMeasures(lastTenSeconds, 1000)
  const busy = measures?.busy ?? 0
  const stale = useAbsence()
  const sayNow = (): string => {
    if (stale !== null) return t(`loop.say.${stale}`)
    if (level === 'off') return t('loop.say.off')
    return busy >= busyShare
      ? t('loop.say.liveBusy', { share: `${Math.round(busy * 100)}\u202f%` })
      : t('loop.say.live')
  }
  const { before, strong, after } = moment === null ? plain(sayNow()) : say(t, moment)
  return (
    <p className="loop-sentence">
      {before} {strong === '' ? null : <strong>{strong}</strong>} {after}
    </p>
  )
}
