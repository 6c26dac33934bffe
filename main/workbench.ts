// Engine, captures and lessons together: what every window and every browser tab is a view of.
// Counterparts: engine-host.ts, archive/, lesson-host.ts; page-session.ts is one view.
import type { CaptureId } from '../preload/contract/captures.ts'
import type { Archive } from './archive/archive.ts'
import type { Capture } from './archive/capture.ts'
import { createMemoryCapture } from './archive/memory-capture.ts'
import { createEngineHost, type EngineHost } from './engine-host.ts'
import { createLessonHost, type LessonHost } from './lesson-host.ts'

export interface Workbench {
  readonly engine: EngineHost
  /** The newest events, in memory. */
  readonly capture: Capture
  /** Their file and the others; null where this host records to memory only. */
  readonly archive: Archive | null
  /** What pages look at first; null for the live recording. */
  readonly opened: CaptureId | null
  readonly dialogs: CaptureDialogs | null
  readonly lessons: LessonHost
  /** Ends lessons that run at once, and the engine in order; see `EngineHost.stop`. */
  stop(graceMs: number): Promise<void>
}

/** How a host lets the person name a file. Both resolve to a path, or to null where the person thought better of it. */
export interface CaptureDialogs {
  chooseCapture(): Promise<string | null>
  /** `name`: the file's name to propose. */
  choosePlace(name: string): Promise<string | null>
}

export interface WorkbenchOptions {
  readonly captureLimitBytes?: number
  readonly dialogs?: CaptureDialogs
  /** False where a page may be somebody else's: a changed lesson is code that runs with this process's rights. */
  readonly runsEditedLessons?: boolean
}

export const createWorkbench = async (options: WorkbenchOptions = {}): Promise<Workbench> => {
  const engine = await createEngineHost()
  const capture = createMemoryCapture(options.captureLimitBytes, engine.giveBack)
  engine.onBatch((buffer) => {
    capture.append(buffer)
    return 'kept'
  })
  engine.onLoop((buffer) => capture.appendLoop(buffer))
  const lessons = createLessonHost({ runsEdited: options.runsEditedLessons ?? true })
  return {
    engine,
    capture,
    archive: null,
    opened: null,
    dialogs: options.dialogs ?? null,
    lessons,
    async stop(graceMs) {
      await Promise.all([lessons.dispose(), engine.stop(graceMs)])
    },
  }
}
