// What a chain of faults would do to one write of so many bytes, on a pair that they act on: when which bytes leave, and how
// the pair ends. Pure, and without chance: where the engine would throw dice, the spread is told. Counterparts:
// main/engine/faults, which does it for real; strip.tsx, which draws this.
import type { Fault, FaultAction } from '../../preload/contract/faults.ts'

/** Bytes that leave together. Times in ms after the write. */
export interface Leaving {
  readonly atMs: number
  readonly earliestMs: number
  readonly latestMs: number
  readonly bytes: number
}

export interface Simulated {
  /** False where the pair is not even made. */
  readonly accepted: boolean
  readonly leaving: readonly Leaving[]
  /** Bytes thrown away, and bytes that wait for ever. */
  readonly lostBytes: number
  readonly stuckBytes: number
  /** Bits flipped, on average. */
  readonly flippedBits: number
  /** What the faults do to the pair, and when (ms after the write, which comes as soon as the pair is made). */
  readonly ending: { readonly how: 'close' | 'reset'; readonly atMs: number } | null
  /** How much later the end of the stream goes over, ms. */
  readonly endLaterMs: number
  /** Only a write that matches is treated so. */
  readonly onMatch: boolean
  /** Only this part of the pairs is treated so, 0 to 1. */
  readonly share: number
}

/** More pieces than this are told as this many: more than a strip has pixels for. */
export const mostPieces = 4096
/** What a bandwidth fault writes at once: the bytes of so many ms. */
const bandwidthStepMs = 20

interface State {
  accepted: boolean
  leaving: Leaving[]
  lostBytes: number
  stuckBytes: number
  flippedBits: number
  /** An end in order, at this point of the chain: what came before it goes before it. */
  closesAtMs: number | null
  /** Both halves are reset, wherever bytes are. */
  resetsAtMs: number | null
  endLaterMs: number
}

const total = (pieces: readonly Leaving[]): number => pieces.reduce((sum, { bytes }) => sum + bytes, 0)

/** The first `bytes` of the pieces, and how many are beyond. */
const cut = (pieces: readonly Leaving[], bytes: number): { readonly kept: Leaving[]; readonly beyond: number } => {
  const kept: Leaving[] = []
  let room = bytes
  let beyond = 0
  for (const piece of pieces) {
    const fits = Math.min(room, piece.bytes)
    if (fits > 0) kept.push({ ...piece, bytes: fits })
    room -= fits
    beyond += piece.bytes - fits
  }
  return { kept, beyond }
}

const slowed = (pieces: readonly Leaving[], bytesPerSecond: number): Leaving[] => {
  const slowedPieces: Leaving[] = []
  let free = { atMs: 0, earliestMs: 0, latestMs: 0 }
  const perPeriod = Math.max(1, Math.floor((bytesPerSecond * bandwidthStepMs) / 1000))
  for (const piece of pieces)
    for (let left = piece.bytes; left > 0; ) {
      const bytes = slowedPieces.length < mostPieces ? Math.min(left, perPeriod) : left
      const takesMs = (bytes * 1000) / bytesPerSecond
      free = {
        atMs: Math.max(free.atMs, piece.atMs) + takesMs,
        earliestMs: Math.max(free.earliestMs, piece.earliestMs) + takesMs,
        latestMs: Math.max(free.latestMs, piece.latestMs) + takesMs,
      }
      slowedPieces.push({ ...free, bytes })
      left -= bytes
    }
  return slowedPieces
}

const sliced = (
  pieces: readonly Leaving[],
  { averageBytes, delayUs }: Extract<FaultAction, { readonly kind: 'slicer' }>,
): Leaving[] => {
  const slices: Leaving[] = []
  const delayMs = delayUs / 1000
  let free = { atMs: 0, earliestMs: 0, latestMs: 0 }
  for (const piece of pieces) {
    free = {
      atMs: Math.max(free.atMs, piece.atMs),
      earliestMs: Math.max(free.earliestMs, piece.earliestMs),
      latestMs: Math.max(free.latestMs, piece.latestMs),
    }
    for (let left = piece.bytes; left > 0; ) {
      const bytes = slices.length < mostPieces ? Math.min(left, averageBytes) : left
      slices.push({ ...free, bytes })
      left -= bytes
      free = {
        atMs: free.atMs + delayMs,
        earliestMs: free.earliestMs + delayMs,
        latestMs: free.latestMs + delayMs,
      }
    }
  }
  return slices
}

/** The pair is closed at this point of the chain: what has not come so far by then is thrown away. */
const closeAt = (state: State, atMs: number): void => {
  if (state.closesAtMs !== null && state.closesAtMs <= atMs) return
  state.closesAtMs = atMs
  const inTime = state.leaving.filter((piece) => piece.atMs < atMs)
  state.lostBytes += total(state.leaving) - total(inTime)
  state.leaving = inTime
}

const lastMs = (pieces: readonly Leaving[]): number => pieces.at(-1)?.atMs ?? 0

/** An end waits behind what leaves before it. */
const closeBehind = (state: State): void => {
  if (state.closesAtMs !== null) state.closesAtMs = Math.max(state.closesAtMs, lastMs(state.leaving))
}

const apply = (state: State, action: FaultAction): void => {
  switch (action.kind) {
    case 'latency': {
      const { delayMs, jitterMs } = action
      state.leaving = state.leaving.map((piece) => ({
        bytes: piece.bytes,
        atMs: piece.atMs + delayMs,
        earliestMs: piece.earliestMs + Math.max(0, delayMs - jitterMs),
        latestMs: piece.latestMs + delayMs + jitterMs,
      }))
      if (state.closesAtMs !== null) state.closesAtMs += delayMs
      break
    }
    case 'bandwidth':
      state.leaving = slowed(state.leaving, action.bytesPerSecond)
      closeBehind(state)
      break
    case 'slow-close':
      state.endLaterMs += action.delayMs
      break
    case 'timeout':
      state.lostBytes += total(state.leaving)
      state.leaving = []
      if (action.timeoutMs > 0) closeAt(state, action.timeoutMs)
      break
    case 'reset-peer':
      state.resetsAtMs = Math.min(state.resetsAtMs ?? Number.POSITIVE_INFINITY, action.timeoutMs)
      break
    case 'slicer':
      state.leaving = sliced(state.leaving, action)
      closeBehind(state)
      break
    case 'limit-data': {
      const { kept, beyond } = cut(state.leaving, action.bytes)
      const reached = state.leaving.length > 0 && action.bytes <= total(state.leaving)
      state.leaving = kept
      state.lostBytes += beyond
      if (reached) state.closesAtMs = Math.min(state.closesAtMs ?? Number.POSITIVE_INFINITY, lastMs(kept))
      break
    }
    case 'corrupt':
      state.flippedBits += total(state.leaving) * 8 * action.bitRate
      break
    case 'drop':
      state.lostBytes += total(state.leaving)
      state.leaving = []
      break
    case 'refuse':
      state.accepted = false
      state.lostBytes += total(state.leaving)
      state.leaving = []
      break
    case 'limit-time':
      closeAt(state, action.afterMs)
      break
    case 'stall': {
      const { kept, beyond } = cut(state.leaving, action.afterBytes)
      state.leaving = kept
      state.stuckBytes += beyond
      break
    }
    case 'throttle-accept':
      break
  }
}

/** What the faults that are on do to one write of `bytes`, the first of its pair. */
export const simulate = (faults: readonly Fault[], bytes: number): Simulated => {
  const acting = faults.filter((fault) => fault.on && fault.toxicity > 0)
  const state: State = {
    accepted: true,
    leaving: bytes > 0 ? [{ atMs: 0, earliestMs: 0, latestMs: 0, bytes }] : [],
    lostBytes: 0,
    stuckBytes: 0,
    flippedBits: 0,
    closesAtMs: null,
    resetsAtMs: null,
    endLaterMs: 0,
  }
  for (const fault of acting) apply(state, fault.action)
  const { closesAtMs, resetsAtMs } = state
  const reset = resetsAtMs !== null && (closesAtMs === null || resetsAtMs <= closesAtMs)
  if (reset) {
    // What would leave after a reset never does; what waited then is gone too.
    const inTime = state.leaving.filter((piece) => piece.atMs < resetsAtMs)
    state.lostBytes += total(state.leaving) - total(inTime) + state.stuckBytes
    state.stuckBytes = 0
    state.leaving = inTime
  }
  const ending = reset
    ? { how: 'reset' as const, atMs: resetsAtMs }
    : closesAtMs === null
      ? null
      : { how: 'close' as const, atMs: closesAtMs }
  return {
    accepted: state.accepted,
    leaving: state.leaving,
    lostBytes: state.lostBytes,
    stuckBytes: state.stuckBytes,
    flippedBits: state.flippedBits,
    ending: state.accepted ? ending : null,
    endLaterMs: state.endLaterMs,
    onMatch: acting.some((fault) => fault.trigger !== null),
    share: acting.reduce((share, fault) => share * fault.toxicity, 1),
  }
}

/** A write that shows what the chain does: small where only time matters, larger where size does. */
export const tellingBytes = (faults: readonly Fault[]): number =>
  faults.some(
    ({ on, action: { kind } }) =>
      on &&
      (kind === 'bandwidth' || kind === 'slicer' || kind === 'limit-data' || kind === 'stall' || kind === 'corrupt'),
  )
    ? 16 * 1024
    : 98
