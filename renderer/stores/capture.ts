// What the capture keeps and what it had to drop, where it is recorded to, and whether the engine thread runs: all as the
// host said last. Counterpart: main/page-session.ts, which posts `capture`, `recording` and `engine`.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CaptureInfo } from '../../preload/contract/api.ts'
import type { RecordingState } from '../../preload/contract/captures.ts'

export interface CaptureState {
  /** Null until the host has said. */
  readonly capture: CaptureInfo | null
  /** Where recording goes; null until the host has said, and where it records to memory only. */
  readonly recording: RecordingState | null
  takeCapture(capture: CaptureInfo): void
  takeRecording(recording: RecordingState): void
}

export const captureStore = createStore<CaptureState>()((set) => ({
  capture: null,
  recording: null,
  takeCapture: (capture) => set({ capture }),
  takeRecording: (recording) => set({ recording }),
}))

export const useCapture = <T>(pick: (state: CaptureState) => T): T => useStore(captureStore, pick)

export interface EngineState {
  /** False once the engine thread has ended; the recorded events stay readable. */
  readonly running: boolean
  /** Why it ended, in the host's words; empty while it runs. */
  readonly message: string
  takeEngine(running: boolean, message: string): void
}

export const engineStore = createStore<EngineState>()((set) => ({
  running: true,
  message: '',
  takeEngine: (running, message) => set({ running, message }),
}))

export const useEngine = <T>(pick: (state: EngineState) => T): T => useStore(engineStore, pick)
