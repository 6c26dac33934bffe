// Keeps the page's knowledge of the whole capture: what it still has, the summaries of its segments, and the connections
// that the page never saw. Asks only where the page itself does not hold everything, and little at a time.
// Counterparts: event-log/summaries.ts, main/archive; link.ts hands on what the host tells of the capture.
import type { CaptureInfo, CommandMethods } from '../../preload/contract/api.ts'
import type { SummaryTable } from '../../preload/contract/captures.ts'
import { kindCode } from '../../preload/contract/event-columns.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import type { EventLog } from '../event-log/event-log.ts'
import type { Summaries } from '../event-log/summaries.ts'
import type { LoopLog } from '../loop-log/loop-log.ts'
import type { LoopSummaries } from '../loop-log/loop-summaries.ts'

/** How often new summaries are asked for while events arrive, and after a failure, ms. */
const periodMs = 1000
const failurePeriodMs = 5000
/** Connections asked for at once. */
const connectionsAtOnce = 2000

export interface CaptureFollower {
  /** `complete`: an opened file, of which no event is streamed. */
  take(info: CaptureInfo, complete: boolean): void
  /** Another capture is looked at. */
  reset(): void
}

const eofReceived = 1 << kindCode('eof-received')
const eofSent = 1 << kindCode('eof-sent')
const eofKinds = eofReceived | eofSent

type Commands = Pick<CommandMethods, 'readSummaries' | 'readLoopSummaries' | 'readConnections'>

export const createCaptureFollower = (
  commands: Commands,
  log: EventLog,
  summaries: Summaries,
  loop: { readonly summaries: LoopSummaries; readonly log: Pick<LoopLog, 'droppedOldest'> },
): CaptureFollower => {
  let info: CaptureInfo | null = null
  let complete = false
  let generation = 0
  let asking = false
  /** True once summaries were answered: older events than the page holds can be read. */
  let archived = false
  let nextPollMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let connectionsAsked = false

  const holdsAll = () =>
    info !== null && !complete && info.firstSeq >= log.tailSeq && !log.hasHoles && loop.log.droppedOldest === 0

  /** What lies between one segment and the next is nowhere. */
  const noteGaps = (from: number) => {
    const { firstSeq, count, firstAt, lastAt } = summaries.segments
    for (let i = Math.max(1, from); i < summaries.end; i++) {
      const end = firstSeq[i - 1]! + count[i - 1]!
      if (firstSeq[i]! > end) log.noteMissing(end, firstSeq[i]!, lastAt[i - 1]!, firstAt[i]!)
    }
  }

  const setKept = () => {
    if (info === null || !archived) return
    summaries.dropBefore(info.firstSeq)
    loop.summaries.dropBefore(info.loop.firstRecord)
    const known = summaries.end > summaries.first
    const { firstAt, lastAt } = summaries.segments
    log.setKept({
      firstSeq: info.firstSeq,
      firstAt: known ? firstAt[summaries.first]! : log.tailAt,
      lastAt: known ? lastAt[summaries.end - 1]! : log.lastAt,
    })
  }

  /** Ends of streams whose events are not held are drawn about where they came. */
  const noteEofs = () => {
    const { kinds, connection, lastAt } = summaries.columns
    for (let row = 0; row < summaries.rows; row++) {
      if ((kinds[row]! & eofKinds) === 0) continue
      const id = connection[row]! as ConnectionId
      if (kinds[row]! & eofReceived) log.noteEof(id, 'received', lastAt[row]!)
      if (kinds[row]! & eofSent) log.noteEof(id, 'sent', lastAt[row]!)
    }
  }

  const takeSummaries = (table: SummaryTable) => {
    archived = true
    const from = summaries.end
    if (table.segments > 0 || table.nextSegment > summaries.nextSegment) summaries.add(table)
    noteGaps(from)
    setKept()
  }

  const askForConnections = async () => {
    const mine = generation
    for (let from = 1; ; ) {
      const result = await commands.readConnections({ fromConnection: from as ConnectionId, limit: connectionsAtOnce })
      if (mine !== generation || !result.ok) return
      log.addFacts(result.value)
      const last = result.value.at(-1)
      if (last === undefined || result.value.length < connectionsAtOnce) {
        noteEofs()
        return
      }
      from = last.id + 1
    }
  }

  const askForLoop = async () => {
    const mine = generation
    const result = await commands.readLoopSummaries({ fromSegment: loop.summaries.nextSegment })
    if (mine === generation && result.ok && result.value.segments > 0) loop.summaries.add(result.value)
  }

  const poll = async () => {
    const mine = generation
    asking = true
    const result = await commands.readSummaries({ fromSegment: summaries.nextSegment })
    if (mine !== generation) return
    asking = false
    nextPollMs = performance.now() + (result.ok ? periodMs : failurePeriodMs)
    if (!result.ok) return
    takeSummaries(result.value)
    void askForLoop()
    // A page that saw every event of the capture knows its connections.
    if (!connectionsAsked && !holdsAll() && log.totals.events < log.nextSeq - 1) {
      connectionsAsked = true
      void askForConnections()
    }
  }

  const schedule = () => {
    if (asking || timer !== undefined || (archived && holdsAll())) return
    const waitMs = nextPollMs - performance.now()
    if (waitMs <= 0) void poll()
    else
      timer = setTimeout(() => {
        timer = undefined
        schedule()
      }, waitMs)
  }

  return {
    take(next, whole) {
      info = next
      complete = whole
      setKept()
      schedule()
    },
    reset() {
      generation++
      clearTimeout(timer)
      timer = undefined
      info = null
      asking = false
      archived = false
      connectionsAsked = false
      nextPollMs = 0
      summaries.clear()
      loop.summaries.clear()
    },
  }
}
