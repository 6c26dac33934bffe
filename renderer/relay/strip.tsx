// One write as the chain above would treat it: received below the line, sent above, a band where chance has a say. The words
// over it say the same. Counterparts: simulate.ts, caption.ts; canvas/marks.ts draws the same marks on the lifelines.
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Flow } from '../../preload/contract/faults.ts'
import { tickHeight } from '../canvas/marks.ts'
import { captionOf, shortTime } from './caption.ts'
import type { FlowDraft } from './chain.ts'
import { InlineValue } from './inline-value.tsx'
import type { FaultField } from './kinds.ts'
import { FieldProblem } from './pattern-field.tsx'
import { simulate, tellingBytes } from './simulate.ts'

const sampleField: FaultField = { name: 'sample', unit: 'bytes', least: 1, most: 1024 * 1024 }
/** Ticks closer than this share one place: a part of the strip's width. */
const oneTick = 1 / 320
const heightPx = 44
const middle = 22
const leastSpanMs = 10
const niceSteps = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6.5, 8, 10]

/** A round step of which four hold all of `ms`. */
const niceStep = (ms: number): number => {
  const least = Math.max(leastSpanMs, ms * 1.04) / 4
  const decade = 10 ** Math.floor(Math.log10(least))
  return decade * (niceSteps.find((step) => step * decade >= least) ?? 10)
}

const percent = (part: number): string => `${(part * 100).toFixed(2)}%`

export const Strip = ({ flow, draft }: { readonly flow: Flow; readonly draft: FlowDraft }) => {
  const { t } = useTranslation()
  const faults = draft.faults.map(({ value }) => value)
  const [chosen, setChosen] = useState<number | null>(null)
  const [problem, setProblem] = useState<{ readonly id: string; readonly message: string } | null>(null)
  const bytes = chosen ?? tellingBytes(faults)
  const simulated = simulate(faults, bytes)
  const { leaving, ending } = simulated
  const spanMs = Math.max(0, ending?.atMs ?? 0, ...leaving.map(({ latestMs }) => latestMs))
  const step = niceStep(spanMs)
  const at = (ms: number) => ms / (4 * step)
  const ticks = new Map<number, number>()
  const bands = new Map<string, readonly [from: number, to: number]>()
  for (const piece of leaving) {
    const place = Math.round(at(piece.atMs) / oneTick)
    ticks.set(place, Math.max(ticks.get(place) ?? 0, tickHeight(piece.bytes)))
    const band = [Math.round(at(piece.earliestMs) / oneTick), Math.round(at(piece.latestMs) / oneTick)] as const
    if (band[1] > band[0]) bands.set(band.join(), band)
  }
  const label = (i: number) =>
    i === 0 ? '0\u202fms' : `+${i === 4 || step * i >= 1000 ? shortTime(step * i) : Number((step * i).toFixed(2))}`
  return (
    <section className="lab-strip" aria-label={t('relay.strip.label', { flow: t(`relay.flow.${flow}`) })}>
      <p className="strip-caption">
        <InlineValue
          field={sampleField}
          value={bytes}
          label={t('relay.value.sample')}
          onChange={setChosen}
          onProblem={setProblem}
        />{' '}
        {captionOf(t, simulated, draft.intercept.on)}
      </p>
      {problem === null ? null : <FieldProblem id={problem.id} message={problem.message} />}
      <svg className="strip-drawing" width="100%" height={heightPx} aria-hidden="true">
        {[0, 1, 2, 3, 4].map((i) => (
          <rect key={i} x={percent(i / 4)} y="0" width="1" height={heightPx} className="strip-grid" />
        ))}
        {[...bands.values()].map(([from, to]) => (
          <rect
            key={`${from} ${to}`}
            x={percent(from * oneTick)}
            y={middle - 11}
            width={percent((to - from) * oneTick)}
            height="10"
            className="strip-band"
          />
        ))}
        <rect x="0" y={middle - 1} width="100%" height="1" className="strip-line" />
        <rect x="0" y={middle + 1} width="2" height={tickHeight(bytes) + 3} className="strip-received" />
        {[...ticks].map(([place, height]) => (
          <rect
            key={place}
            x={percent(place * oneTick)}
            y={middle - 1 - height - 3}
            width="2"
            height={height + 3}
            className="strip-sent"
          />
        ))}
        {ending === null ? null : (
          <svg x={percent(at(ending.atMs))} y={middle - 5} width="10" height="10" overflow="visible" aria-hidden="true">
            {ending.how === 'reset' ? (
              <path d="M-6 0v10M-4 1l8 8M4 1l-8 8" className="strip-reset" />
            ) : (
              <rect x="-4" y="1" width="8" height="8" className="strip-closed" />
            )}
          </svg>
        )}
      </svg>
      <p className="strip-axis data" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((i) => (
          <span key={i}>{label(i)}</span>
        ))}
      </p>
    </section>
  )
}
