// A fault in words and as a small picture: what stands on its card and in the menu of kinds. Counterparts: fault-card.tsx,
// fault-menu.tsx; kinds.ts has the values that a phrase names.
import {
  Ban,
  Clock,
  CornerDownRight,
  DoorOpen,
  Gauge,
  Hourglass,
  OctagonPause,
  Ruler,
  Scissors,
  Timer,
  TimerOff,
  Zap,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { FaultKind } from '../../preload/contract/faults.ts'
import { ResetHereMark } from '../ui/marks.tsx'
import { type FaultField, faultFields } from './kinds.ts'

const icon = { size: 14, 'aria-hidden': true } as const

export const faultIcons: Readonly<Record<FaultKind, ReactNode>> = {
  latency: <Clock {...icon} />,
  bandwidth: <Gauge {...icon} />,
  'slow-close': <Hourglass {...icon} />,
  timeout: <TimerOff {...icon} />,
  'reset-peer': <ResetHereMark />,
  slicer: <Scissors {...icon} />,
  'limit-data': <Ruler {...icon} />,
  corrupt: <Zap {...icon} />,
  drop: <CornerDownRight {...icon} />,
  refuse: <Ban {...icon} />,
  'limit-time': <Timer {...icon} />,
  stall: <OctagonPause {...icon} />,
  'throttle-accept': <DoorOpen {...icon} />,
}

/** A phrase cut where its values stand: `[delayMs] ± [jitterMs]`. */
export const phraseParts = (kind: FaultKind, phrase: string): readonly (string | FaultField)[] =>
  phrase
    .split(/\[(\w+)\]/)
    .map((part, i) => (i % 2 === 0 ? part : (faultFields[kind].find(({ name }) => name === part) ?? part)))
    .filter((part) => part !== '')
