// Engine and capture together: what every window and every browser tab is a view of.
// Counterparts: engine-host.ts, archive/capture.ts; page-session.ts is one view.
import type { Capture } from './archive/capture.ts'
import { createMemoryCapture } from './archive/memory-capture.ts'
import { createEngineHost, type EngineHost } from './engine-host.ts'

export interface Workbench {
  readonly engine: EngineHost
  readonly capture: Capture
  /** Ends the engine in order; see `EngineHost.stop`. */
  stop(graceMs: number): Promise<void>
}

export const createWorkbench = async (options: { readonly captureLimitBytes?: number } = {}): Promise<Workbench> => {
  const engine = await createEngineHost()
  const capture = createMemoryCapture(options.captureLimitBytes)
  engine.onBatch((buffer) => {
    capture.append(buffer)
    return 'kept'
  })
  engine.onLoop((buffer) => capture.appendLoop(buffer))
  return { engine, capture, stop: (graceMs) => engine.stop(graceMs) }
}
