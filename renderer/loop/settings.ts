// The person's choices for the Loop screen that outlive the page, and the probe's level as the engine last said it.
// Counterparts: probe-controls.tsx, stores/settings.ts (the page's own choices).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { ProbeLevel } from '../../preload/contract/loop-columns.ts'

/** asyncio's own default: `loop.slow_callback_duration` is 0.1 s. */
export const defaultSlowMs = 100
export const slowBounds = { leastMs: 0.1, mostMs: 60_000 } as const
/** Lengths that “Block the loop” offers, in ms. */
export const blockChoices = [50, 200, 500, 1000] as const
export const defaultBlockMs = 200

export interface LoopSettings {
  /** A callback that runs this long or longer is slow. */
  readonly slowMs: number
  readonly blockMs: number
  /** Wireloop's own callbacks are shown, hollow. */
  readonly showOwn: boolean
  /** Long waits of poll are folded. */
  readonly squeeze: boolean
}

export interface LoopSettingsState extends LoopSettings {
  /** Null until the engine has said. */
  readonly level: ProbeLevel | null
  /** From when on (ms on the event clock) ticks and microtasks are known to be watched; null where they are not. */
  readonly microFrom: number | null
  set(change: Partial<LoopSettings>): void
  /** `now`: ms on the event clock. */
  takeLevel(level: ProbeLevel, now: number): void
}

const key = 'wireloop.loop'
const defaults: LoopSettings = { slowMs: defaultSlowMs, blockMs: defaultBlockMs, showOwn: false, squeeze: false }

/** What was stored, as far as it makes sense. */
export const readSettings = (stored: string | null): LoopSettings => {
  let parsed: unknown = null
  try {
    parsed = JSON.parse(stored ?? 'null')
  } catch {
    // not ours: the defaults hold
  }
  if (typeof parsed !== 'object' || parsed === null) return defaults
  const { slowMs, blockMs, showOwn, squeeze } = parsed as Record<keyof LoopSettings, unknown>
  return {
    slowMs: isSlowMs(slowMs) ? slowMs : defaults.slowMs,
    blockMs: blockChoices.find((choice) => choice === blockMs) ?? defaults.blockMs,
    showOwn: typeof showOwn === 'boolean' ? showOwn : defaults.showOwn,
    squeeze: typeof squeeze === 'boolean' ? squeeze : defaults.squeeze,
  }
}

export const isSlowMs = (value: unknown): value is number =>
  typeof value === 'number' && value >= slowBounds.leastMs && value <= slowBounds.mostMs

const stored = (): LoopSettings => {
  try {
    return readSettings(localStorage.getItem(key))
  } catch {
    return defaults
  }
}

export const loopSettings = createStore<LoopSettingsState>()((set, get) => ({
  ...stored(),
  level: null,
  microFrom: null,
  set: (change) => {
    set(change)
    const { slowMs, blockMs, showOwn, squeeze } = get()
    try {
      localStorage.setItem(key, JSON.stringify({ slowMs, blockMs, showOwn, squeeze }))
    } catch {
      // the choice then holds for this page only
    }
  },
  takeLevel: (level, now) =>
    set((state) =>
      // Every state change of the engine names its level, many times a second; only another one is news.
      level === state.level ? state : { level, microFrom: level === 'microtasks' ? now : null },
    ),
}))

export const useLoopSettings = <T>(pick: (state: LoopSettingsState) => T): T => useStore(loopSettings, pick)
