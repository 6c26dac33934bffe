// What the marks mean, where nothing is selected. Counterpart: ui/marks.tsx draws them.
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import {
  ClosedByPeerMark,
  ClosedHereMark,
  EofMark,
  ErrorMark,
  FaultMark,
  HeldMark,
  LiveMark,
  LockMark,
  MadeMark,
  PausedMark,
  ReceivedMark,
  RefusedMark,
  ResetByPeerMark,
  ResetHereMark,
  SentMark,
  TimedOutMark,
} from '../../ui/marks.tsx'

const marks = [
  ['received', <ReceivedMark key="received" />],
  ['sent', <SentMark key="sent" />],
  ['made', <MadeMark key="made" />],
  ['secured', <LockMark key="secured" />],
  ['live', <LiveMark key="live" />],
  ['paused', <PausedMark key="paused" />],
  ['eof', <EofMark key="eof" />],
  ['fault', <FaultMark key="fault" />],
  ['held', <HeldMark key="held" />],
  ['closedHere', <ClosedHereMark key="closedHere" />],
  ['closedByPeer', <ClosedByPeerMark key="closedByPeer" />],
  ['resetHere', <ResetHereMark key="resetHere" />],
  ['resetByPeer', <ResetByPeerMark key="resetByPeer" />],
  ['timedOut', <TimedOutMark key="timedOut" />],
  ['refused', <RefusedMark key="refused" />],
  ['error', <ErrorMark key="error" />],
] as const satisfies readonly (readonly [string, ReactNode])[]

export const Legend = () => {
  const { t } = useTranslation()
  return (
    <section className="inspector-section" aria-label={t('inspector.legend')}>
      <p className="legend-help">{t('inspector.nothingHelp')}</p>
      <ul className="legend">
        {marks.map(([name, mark]) => (
          <li key={name}>
            {mark}
            <span>{t(`legend.${name}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
