// What stands out on the lifelines: the ticks of what matches the filter over the dimmed others, the edges of highlights, and
// the flags of bookmarks. Counterparts: draw-row.ts (which dims), highlights/, bookmarks/, event-log/matches.ts.

import { isData, kindCode } from '../../../preload/contract/event-columns.ts'
import { tickHeight } from '../../canvas/marks.ts'
import type { EventChunk } from '../../event-log/chunk.ts'
import type { EventLog } from '../../event-log/event-log.ts'
import type { SeqIndex } from '../../event-log/seq-index.ts'
import { type Plot, plotX } from './plot.ts'
import type { RowLook } from './rows.ts'

/** Matches drawn at most; of more of them in view, which stand closer than pixels, every n-th is. */
const mostMatches = 20_000
const sent = kindCode('data-sent')

/** Events that stand out, and the colour of their edge; null: the ticks themselves, at full strength. */
export interface MatchLayer {
  readonly index: SeqIndex
  readonly colour: string | null
}

/** Tops of the rows in view, px, by connection. */
export type RowTops = ReadonlyMap<number, number>

const drawEdge = ({ context }: Plot, x: number, top: number, look: RowLook): void =>
  context.fillRect(Math.round(x) - 1, top + (look.labels ? 2 : 1), 3, look.height - (look.labels ? 5 : 2))

const drawTick = ({ context, palette }: Plot, run: EventChunk, row: number, x: number, top: number, look: RowLook) => {
  const isSent = run.columns.kind[row] === sent
  const height = tickHeight(run.columns.length[row]!) * look.tickScale
  context.fillStyle = palette.colour[isSent ? 'sent-mark' : 'recv-mark']
  const y = isSent ? top + look.barTop - 1 - height : top + look.barTop + look.barHeight + 1
  context.fillRect(Math.round(x) - 1, y, 2, height)
}

export const drawMatches = (plot: Plot, log: EventLog, layer: MatchLayer, tops: RowTops, look: RowLook): void => {
  const { index, colour } = layer
  const first = index.rank(log.seqAtTime(plot.range.startMs))
  const end = index.rank(log.seqAtTime(Math.min(plot.range.endMs, plot.nowMs)))
  const stride = Math.max(1, Math.ceil((end - first) / mostMatches))
  let run: EventChunk | undefined
  if (colour !== null) plot.context.fillStyle = colour
  for (let rank = first; rank < end; rank += stride) {
    const seq = index.select(rank)
    if (run === undefined || seq < run.firstSeq || seq >= run.endSeq) run = log.runOf(seq)
    if (run === undefined) continue
    const row = seq - run.firstSeq
    const top = tops.get(run.columns.connection[row]!)
    if (top === undefined) continue
    const x = plotX(plot, run.columns.at[row]!)
    if (colour !== null) drawEdge(plot, x, top, look)
    else if (isData(run.columns.kind[row]!)) drawTick(plot, run, row, x, top, look)
  }
}

/** A flag above the moment of each bookmark in view. */
export const drawBookmarks = (
  plot: Plot,
  log: EventLog,
  seqs: Iterable<number>,
  tops: RowTops,
  look: RowLook,
): void => {
  const { context, palette } = plot
  context.fillStyle = palette.colour.text
  for (const seq of seqs) {
    if (!log.has(seq)) continue
    const top = tops.get(log.connection(seq) ?? 0)
    if (top === undefined) continue
    const x = Math.round(plotX(plot, log.at(seq)))
    context.beginPath()
    context.moveTo(x, top + 1)
    context.lineTo(x + 6, top + 1)
    context.lineTo(x + 4, top + 3.5)
    context.lineTo(x + 6, top + 6)
    context.lineTo(x + 1, top + 6)
    context.lineTo(x + 1, top + look.barTop)
    context.lineTo(x, top + look.barTop)
    context.closePath()
    context.fill()
  }
}
