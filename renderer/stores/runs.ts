// Repetitions and sequences that the engine runs, as it last told of them. Counterparts: main/engine/runs, link.ts (fills it).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { RunId, RunInfo } from '../../preload/contract/runs.ts'
import type { ConnectionId, Snapshot, StateChange } from '../../preload/contract/vocabulary.ts'

export interface RunsState {
  readonly runs: ReadonlyMap<RunId, RunInfo>
  takeSnapshot(snapshot: Snapshot): void
  applyChange(change: StateChange): void
  /** What a command answered, where no change has told of it yet. */
  takeRun(run: RunInfo): void
}

export const runsStore = createStore<RunsState>()((set) => ({
  runs: new Map(),
  takeSnapshot: ({ runs = [] }) => set({ runs: new Map(runs.map((run) => [run.id, run])) }),
  applyChange: ({ runs, removedRuns }) => {
    if (runs === undefined && removedRuns === undefined) return
    set((state) => {
      const next = new Map(state.runs)
      for (const run of runs ?? []) next.set(run.id, run)
      for (const id of removedRuns ?? []) next.delete(id)
      return { runs: next }
    })
  },
  takeRun: (run) => set((state) => (state.runs.has(run.id) ? state : { runs: new Map(state.runs).set(run.id, run) })),
}))

export const useRuns = <T>(pick: (state: RunsState) => T): T => useStore(runsStore, pick)

/** The repetition that is under way on a connection; the newest of several. */
export const repetitionOn = (runs: RunsState['runs'], connection: ConnectionId | undefined): RunInfo | null => {
  let found: RunInfo | null = null
  for (const run of runs.values())
    if (run.kind === 'repeat' && run.connection === connection && run.state === 'running') found = run
  return found
}
