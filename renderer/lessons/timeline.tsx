// The run on one line of time: what each function did, what each phase of the loop did, and the steps as buttons over it.
// The canvas is decoration; the steps are its twin in the page. Counterpart: timeline-layout.ts.
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LessonRun } from '../../preload/contract/lessons.ts'
import { frameLoop } from '../canvas/frame-loop.ts'
import { createPaletteSource, type Palette } from '../canvas/palette.ts'
import { createSurface, type Surface } from '../canvas/surface.ts'
import { createLaneFills, type LaneFills } from '../loop/flame/textures.ts'
import { PhaseMark } from '../loop/phase-mark.tsx'
import { lanes } from '../loop-log/lanes.ts'
import { formatDuration } from '../ui/format.ts'
import { goTo, lessonsStore, useLessons } from './store.ts'
import { gutterPx, laneOf, layOut, rowPx, type TimelineLayout } from './timeline-layout.ts'

const barPx = 18

/** Cuts a text so that it fits. */
const cutToFit = (surface: Surface, text: string, width: number): string => {
  const { context } = surface
  if (context.measureText(text).width <= width) return text
  let end = text.length
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > width) end--
  return end < 2 ? '' : `${text.slice(0, end)}…`
}

const draw = (
  surface: Surface,
  palette: Palette,
  fills: LaneFills,
  run: LessonRun,
  at: number,
  layout: TimelineLayout,
) => {
  const { context } = surface
  const { colour } = palette
  const line = (x: number, y: number, width: number, height: number, fill: string) => {
    context.fillStyle = fill
    context.fillRect(x, y, width, height)
  }
  context.textBaseline = 'middle'
  const bar = (row: number, from: number, to: number, fill: string | CanvasPattern, edge?: string) => {
    const x = layout.timeX(from)
    const width = Math.max(2, layout.timeX(to) - x)
    const y = row * rowPx + (rowPx - barPx) / 2
    context.fillStyle = fill
    context.fillRect(x, y, width, barPx)
    if (edge !== undefined && width > 4) {
      context.strokeStyle = edge
      context.strokeRect(x + 0.5, y + 0.5, width - 1, barPx - 1)
    }
    return { x, y, width }
  }
  layout.tracks.forEach((track, row) => {
    line(0, (row + 1) * rowPx - 1, layout.width, 1, colour.line)
    for (const stretch of track.stretches) {
      if (stretch.state === 'waits') bar(row, stretch.from, stretch.to, fills.wait, colour['wait-line'])
    }
    for (const stretch of track.stretches) if (stretch.state === 'runs') bar(row, stretch.from, stretch.to, colour.life)
  })
  layout.lanes.forEach((lane, i) => {
    const row = layout.tracks.length + i
    const index = lanes.indexOf(lane)
    line(0, (row + 1) * rowPx - 1, layout.width, 1, colour.line)
    if (lane === 'poll')
      for (const wait of run.waits) {
        const { x, y, width } = bar(row, wait.from, wait.to, fills.wait, colour['wait-line'])
        context.font = `500 11px ${palette.dataFont}`
        const label = formatDuration(wait.to - wait.from)
        const labelWidth = context.measureText(label).width
        if (width > labelWidth + 12) {
          line(x + (width - labelWidth) / 2 - 4, y + 1, labelWidth + 8, barPx - 2, colour['bg-canvas'])
          context.fillStyle = colour.text
          context.fillText(label, x + (width - labelWidth) / 2, y + barPx / 2 + 1)
        }
      }
    let labelsEnd = 0
    const blocks = run.blocks.filter((block) => block.kind !== 'script' && laneOf(block) === lane)
    for (const [i, block] of blocks.entries()) {
      const width = layout.timeX(block.to) - layout.timeX(block.from)
      const drawn = bar(row, block.from, block.to, (width > 6 ? fills.wide : fills.narrow)[index]!)
      context.font = `500 11px ${palette.dataFont}`
      const inside = lane === 'tick' || lane === 'microtask'
      const next = blocks[i + 1]
      const free = (next === undefined ? layout.width : layout.timeX(next.from)) - drawn.x - drawn.width - 8
      const room = inside ? drawn.width - 8 : Math.min(150, free)
      const start = inside ? drawn.x + 4 : drawn.x + drawn.width + 4
      if (room < 24 || start < labelsEnd) continue
      const label = cutToFit(surface, block.label, room)
      context.fillStyle = inside ? colour['bg-canvas'] : colour['text-2']
      context.fillText(label, start, drawn.y + barPx / 2 + 1)
      labelsEnd = start + context.measureText(label).width + 6
    }
  })
  // What is still to come is dimmed, not hidden.
  const x = layout.stepX(at)
  context.globalAlpha = 0.6
  line(x, 0, layout.width - x, layout.height, colour['bg-canvas'])
  context.globalAlpha = 1
  line(x, 0, 1.5, layout.height, colour.accent)
}

const Drawing = ({ run, layout }: { readonly run: LessonRun; readonly layout: TimelineLayout }) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    let fills: { palette: Palette; ratio: number; made: LaneFills } | null = null
    const job = frameLoop.add('draw', () => {
      if (surface.width === 0 || surface.height === 0) return
      surface.begin()
      const { palette } = source
      if (fills?.palette !== palette || fills.ratio !== surface.ratio)
        fills = { palette, ratio: surface.ratio, made: createLaneFills(surface.context, palette, surface.ratio) }
      draw(surface, palette, fills.made, run, lessonsStore.getState().at, layout)
    })
    const source = createPaletteSource(job.mark)
    const surface = createSurface(element, job.mark)
    const unsubscribe = lessonsStore.subscribe(job.mark)
    job.mark()
    return () => {
      unsubscribe()
      job.dispose()
      surface.dispose()
      source.dispose()
    }
  }, [run, layout])
  return <canvas ref={canvas} style={{ width: `${layout.width}px`, height: `${layout.height}px` }} />
}

/** Steps whose time is written over them: enough to know where one is. */
const timesEvery = (layout: TimelineLayout): number => Math.max(1, Math.ceil(88 / (layout.stepX(1) - layout.stepX(0))))

export const Timeline = ({ run }: { readonly run: LessonRun }) => {
  const { t } = useTranslation()
  const at = useLessons((state) => state.at)
  const box = useRef<HTMLDivElement>(null)
  const [available, setAvailable] = useState(900)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setAvailable(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const [layout, setLayout] = useState(() => layOut(run, available))
  useEffect(() => setLayout(layOut(run, available)), [run, available])
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const x = layout.stepX(at)
    if (x < element.scrollLeft + gutterPx || x > element.scrollLeft + element.clientWidth - 48)
      element.scrollLeft = x - element.clientWidth / 2
  }, [at, layout])
  const every = timesEvery(layout)
  return (
    <section className="lesson-timeline" aria-label={t('lessons.timeline')} data-pane="timeline">
      <div ref={box} className="scroll lesson-timeline-scroll">
        <div className="lesson-timeline-axis" style={{ width: `${layout.width}px` }}>
          <span className="lesson-timeline-label">{t('lessons.clock')}</span>
          <span className="lesson-timeline-label second">{t('lessons.step')}</span>
          {run.steps.map((step, i) => (
            // Steps are numbered; a run never changes.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <span key={i} className="lesson-timeline-step" style={{ left: `${layout.stepX(i)}px` }}>
              <span className="lesson-timeline-time data" aria-hidden="true">
                {i % every === 0 ? `${step.at.toFixed(1)}${i === 0 ? ' ms' : ''}` : ''}
              </span>
              <button
                type="button"
                className={i === at ? 'lesson-step now data' : i > at ? 'lesson-step to-come data' : 'lesson-step data'}
                aria-label={t('lessons.stepButton', { number: i + 1, at: formatDuration(step.at) })}
                aria-current={i === at ? 'step' : undefined}
                tabIndex={i === at ? 0 : -1}
                onClick={() => {
                  lessonsStore.setState({ playing: false })
                  goTo(i)
                }}
              >
                {i + 1}
              </button>
            </span>
          ))}
        </div>
        <div className="lesson-timeline-body" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
          <Drawing run={run} layout={layout} />
          <ul className="lesson-timeline-names" style={{ width: `${gutterPx}px` }}>
            {layout.tracks.map((track) => (
              <li key={track.name} className="data" title={track.name}>
                <span className="cut">
                  {track.calls === 1 ? track.name : t('lessons.callsMany', { name: track.name, count: track.calls })}
                </span>
              </li>
            ))}
            {layout.lanes.map((lane) => (
              <li key={lane}>
                <PhaseMark lane={lane} />
                {t(`loop.lane.${lane}`)}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  )
}
