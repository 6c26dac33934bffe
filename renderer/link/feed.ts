// Turns what arrives on the pipe into the page's state: snapshot first, then events and loop records from where the logs
// end, each batch paid back with its credit. Free of the DOM and of the stores, so that it is tested with plain objects.
// Counterparts: transport.ts below it, link.ts above it, main/page-session.ts on the other side.
import type { CaptureInfo, CommandMethods, FromPage, HostInfo, ToPage } from '../../preload/contract/api.ts'
import type { CaptureId, RecordingState } from '../../preload/contract/captures.ts'
import { type EventBatch, openBatch } from '../../preload/contract/event-columns.ts'
import { type LoopBatch, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import type { Snapshot, StateChange } from '../../preload/contract/vocabulary.ts'
import type { WorkspacePartName } from '../../preload/contract/workspace.ts'
import type { TransportEvents } from './transport.ts'

/** Where the feed puts what it learns. */
export interface FeedSinks {
  /** Appends to the event log. */
  append(batch: EventBatch): void
  /** The seq that the log wants next; 0 on a fresh page. */
  nextSeq(): number
  /** Appends to the loop log. */
  appendLoop(batch: LoopBatch): void
  /** The number of the record that the loop log wants next. */
  nextRecord(): number
  snapshot(snapshot: Snapshot): void
  state(change: StateChange): void
  /** `file`: the opened file that is looked at, null for the live recording. */
  capture(capture: CaptureInfo, file: CaptureId | null): void
  recording(recording: RecordingState): void
  /** A part of the workspace was written. */
  workspace(part: WorkspacePartName, revision: number): void
  engine(running: boolean, message: string): void
  host(host: HostInfo): void
  ready(): void
  lost(): void
  /** Called when the pipe stands: an opened file is to be opened again before anything is asked for; null for none. */
  reopened(): Promise<void> | null
  /**
   * Called once a snapshot has been taken in, before the subscription: a fresh page need not take in all that is recorded
   * where it can be read when it is looked at. Null where there is nothing to wait for.
   */
  beforeSubscription(): Promise<void> | null
  /** The app on the other side is not the one whose events this page holds: it must start afresh. */
  stranger(): void
}

export interface FeedPipe {
  readonly commands: Pick<CommandMethods, 'snapshot'>
  post(message: FromPage): void
}

/** The listener to start a transport with. */
export interface Feed extends TransportEvents {
  /** Another capture is looked at: a new snapshot, and the stream from there on. */
  restart(): void
}

export const createFeed = (pipe: FeedPipe, sinks: FeedSinks): Feed => {
  /** Rises with every (re)connect, so that an answer to an older one is dropped. */
  let generation = 0

  const takeSnapshot = async (mine: number, subscribing: boolean): Promise<boolean> => {
    const result = await pipe.commands.snapshot(null)
    if (mine !== generation) return false
    // Without an engine there is no snapshot, but the recorded events can still be read.
    if (!result.ok) return true
    // Before the subscription no batch can have overtaken the snapshot, so one that knows fewer events than the log
    // holds is of another run of the app.
    if (subscribing && result.value.seq < sinks.nextSeq()) {
      sinks.stranger()
      return false
    }
    sinks.snapshot(result.value)
    return true
  }

  const open = async () => {
    const mine = ++generation
    if (!(await takeSnapshot(mine, true))) return
    const prepared = sinks.beforeSubscription()
    if (prepared !== null) {
      await prepared
      if (mine !== generation) return
    }
    sinks.ready()
    pipe.post({ type: 'subscribe', fromSeq: sinks.nextSeq(), fromRecord: sinks.nextRecord() })
  }

  return {
    opened: () => {
      const first = sinks.reopened()
      if (first === null) void open()
      else {
        const mine = ++generation
        void first.then(() => (mine === generation ? open() : undefined))
      }
    },
    restart: () => void open(),
    lost: () => {
      generation++
      sinks.lost()
    },
    host: sinks.host,
    message: (message: ToPage) => {
      switch (message.type) {
        case 'batch':
          sinks.append(openBatch(message.buffer))
          pipe.post({ type: 'credit', bytes: message.buffer.byteLength })
          break
        case 'loop':
          sinks.appendLoop(openLoopBatch(message.buffer))
          pipe.post({ type: 'credit', bytes: message.buffer.byteLength })
          break
        case 'state':
          sinks.state(message.change)
          break
        case 'capture':
          sinks.capture(message.capture, message.file)
          break
        case 'recording':
          sinks.recording(message.recording)
          break
        case 'workspace':
          sinks.workspace(message.part, message.revision)
          break
        case 'engine':
          sinks.engine(message.running, message.message)
          // A new engine thread has other endpoints than the one before.
          if (message.running) void takeSnapshot(generation, false)
          break
      }
    },
  }
}
