// Engine, capture and lessons together: what every window and every browser tab is a view of.
// Counterparts: engine-host.ts, archive/capture.ts, lesson-host.ts; page-session.ts is one view.
import type { Capture } from './archive/capture.ts'
import { createMemoryCapture } from './archive/memory-capture.ts'
import { createEngineHost, type EngineHost } from './engine-host.ts'
import { createLessonHost, type LessonHost } from './lesson-host.ts'

export interface Workbench {
  readonly engine: EngineHost
  readonly capture: Capture
  readonly lessons: LessonHost
  /** Ends lessons that run at once, and the engine in order; see `EngineHost.stop`. */
  stop(graceMs: number): Promise<void>
}

export interface WorkbenchOptions {
  readonly captureLimitBytes?: number
  /** False where a page may be somebody else's: a changed lesson is code that runs with this process's rights. */
  readonly runsEditedLessons?: boolean
}

export const createWorkbench = async (options: WorkbenchOptions = {}): Promise<Workbench> => {
  const engine = await createEngineHost()
  const capture = createMemoryCapture(options.captureLimitBytes)
  engine.onBatch((buffer) => {
    capture.append(buffer)
    return 'kept'
  })
  engine.onLoop((buffer) => capture.appendLoop(buffer))
  const lessons = createLessonHost({ runsEdited: options.runsEditedLessons ?? true })
  return {
    engine,
    capture,
    lessons,
    async stop(graceMs) {
      await Promise.all([lessons.dispose(), engine.stop(graceMs)])
    },
  }
}
