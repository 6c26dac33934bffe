// The whole loop recording as a trace, or a stretch of it that the page does not hold: read again from the capture, a piece at a
// time, each named by its own events. Counterparts: trace-export.ts (the text), main/archive (`readLoopRecords`, `readEvents`).
import type { CommandMethods } from '../../preload/contract/api.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { cutLoopBatch, type LoopBatch, loopKindCode, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import type { LoopLog } from '../loop-log/loop-log.ts'
import { createTrace, type TraceOptions } from './trace-export.ts'
import type { NamingEvents } from './words.ts'

/** Bytes asked for at once. */
const atOnceBytes = 256 * 1024
/** Records that make a piece, unless said otherwise. */
const defaultPieceRecords = 40_000

const iteration = loopKindCode('iteration')

export type TraceReads = Pick<CommandMethods, 'readLoopRecords' | 'readEvents'>

export interface WholeTrace extends Omit<TraceOptions, 'nameOf'> {
  readonly fromRecord: number
  /** The record to stop before: what comes while this is read is not chased. */
  readonly untilRecord: number
  /** Records of a piece; as many as suit the page where not given. */
  readonly pieceRecords?: number
  nameOf(callback: Callback, events: NamingEvents): string
  /** Told how far it is: the record that is read next. */
  onRecord?(record: number): void
}

/** A failure of the capture while the trace is read. */
export class TraceFailure extends Error {
  readonly result: Result<never>
  constructor(result: Result<never>) {
    super('The recording could not be read')
    this.result = result
  }
}

const expectValue = <T>(result: Result<T>): T => {
  if (!result.ok) throw new TraceFailure(result)
  return result.value
}

/** What the events of these callbacks are: kinds and sizes by seq, nothing else of them is kept. */
const readNames = async (reads: TraceReads, log: LoopLog): Promise<NamingEvents> => {
  let first = Number.POSITIVE_INFINITY
  let end = 0
  for (let position = log.callbacks.first; position < log.callbacks.end; position++) {
    const { firstSeq, seqCount } = log.callbacks.at(position)
    if (seqCount === 0) continue
    first = Math.min(first, firstSeq)
    end = Math.max(end, firstSeq + seqCount)
  }
  const kinds = new Map<number, readonly [kind: number, length: number]>()
  for (let seq = first; seq < end; ) {
    const buffer = expectValue(await reads.readEvents({ fromSeq: seq, maxBytes: atOnceBytes }))
    if (buffer === null) break
    const batch = openBatch(buffer)
    if (batch.count === 0) break
    for (let i = 0; i < batch.count; i++) kinds.set(batch.firstSeq + i, [batch.kind[i]!, batch.length[i]!])
    seq = batch.firstSeq + batch.count
  }
  return {
    has: (seq) => kinds.has(seq),
    kind: (seq) => eventKinds[kinds.get(seq)![0]]!,
    length: (seq) => kinds.get(seq)![1],
  }
}

const rows = (batch: LoopBatch, from: number, to: number): LoopBatch =>
  openLoopBatch(cutLoopBatch(batch, from, to - from, 0))

/** The rows of turns in a batch, first to last. */
const turnRows = (batch: LoopBatch): number[] =>
  Array.from({ length: batch.count }, (_, i) => i).filter((i) => batch.kind[i] === iteration)

/**
 * The document in parts. `piece` is an empty log of the caller's to read into, with room for a piece. Throws a TraceFailure
 * where the capture cannot be read.
 */
export async function* wholeTrace(reads: TraceReads, piece: LoopLog, whole: WholeTrace): AsyncGenerator<string> {
  let names: NamingEvents | null = null
  const trace = createTrace({ ...whole, nameOf: (callback) => whole.nameOf(callback, names!) })
  const tell = async (goesOn: boolean) => {
    names = await readNames(reads, piece)
    return trace.piece(piece, goesOn)
  }
  const { pieceRecords = defaultPieceRecords } = whole
  yield* trace.head()
  let record = whole.fromRecord
  piece.startAt(record)
  while (record < whole.untilRecord) {
    const buffer = expectValue(await reads.readLoopRecords({ fromRecord: record, maxBytes: atOnceBytes }))
    if (buffer === null) break
    const batch = openLoopBatch(buffer)
    if (batch.count === 0) break
    record = batch.first + batch.count
    whole.onRecord?.(record)
    if (whole.stretch !== null && batch.start[0]! > whole.stretch.toAt) break
    const turns = turnRows(batch)
    const full =
      piece.callbacks.end - piece.callbacks.first + piece.iterations.end - piece.iterations.first >= pieceRecords
    if (!full || turns.length < 2) {
      piece.append(batch)
      continue
    }
    // A turn ends where the next begins, and its callbacks stand before it: cut behind one, with the next one's row to see.
    const [cut, next] = [turns.at(-2)! + 1, turns.at(-1)!]
    piece.append(rows(batch, 0, cut))
    piece.append(rows(batch, next, next + 1))
    yield* await tell(true)
    piece.startAt(batch.first + cut)
    piece.append(rows(batch, cut, batch.count))
  }
  yield* await tell(false)
  yield trace.tail()
}
