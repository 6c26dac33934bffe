// “Go to” in words: an event by its number or a moment by its time, as a person writes them. Counterparts:
// event-table/go-to-field.tsx, step.ts (selects what is meant).
import type { CommandMethods } from '../../preload/contract/api.ts'
import { eventLog } from './event-log.ts'
import { selectSeq } from './step.ts'

/** What is meant: a seq, or a time in ms on the event clock. */
export type Target = { readonly seq: number } | { readonly at: number }

const units: Readonly<Record<string, number>> = {
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  '': 1000,
  min: 60_000,
  h: 3_600_000,
}

/**
 * `#12345` or `12345` is an event; `5.008`, `90 ms`, `2 min` and `1:02:03.5` are times since the start. Null where it is
 * neither.
 */
export const parseTarget = (text: string): Target | null => {
  const plain = text
    .trim()
    .replace(/[\s\u202f_]+/g, ' ')
    .toLowerCase()
  const seq = /^#? ?(\d[\d ]*)$/.exec(plain)
  if (seq !== null) return { seq: Number(seq[1]!.replaceAll(' ', '')) }
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(plain)
  if (clock !== null) return { at: (Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000 }
  const time = /^(\d+(?:\.\d+)?|\.\d+) ?(us|µs|ms|s|min|h|)$/.exec(plain)
  return time === null ? null : { at: Number(time[1]) * units[time[2]!]! }
}

/** Selects the event that is meant, or the one nearest to it. Answers its seq; null where the capture has none. */
export const goTo = async (target: Target, seekTime: CommandMethods['seekTime']): Promise<number | null> => {
  const nearest = (wanted: number): number | null => {
    const seq = Math.min(Math.max(wanted, eventLog.firstSeq), eventLog.nextSeq - 1)
    return eventLog.next(seq - 1) ?? eventLog.previous(seq)
  }
  let seq: number | null
  if ('seq' in target) seq = nearest(target.seq)
  else if (eventLog.tailSeq < eventLog.nextSeq && target.at >= eventLog.tailAt)
    seq = nearest(eventLog.seqAtTime(target.at))
  else {
    const found = await seekTime({ at: target.at })
    seq = nearest(found.ok ? found.value.seq : eventLog.firstSeq)
  }
  if (seq !== null) selectSeq(seq)
  return seq
}
