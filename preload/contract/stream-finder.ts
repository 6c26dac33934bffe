// A pattern in a stream that is not cut into messages, also over the borders of chunks: what sequences and `--expect` wait
// for. Counterpart: patterns.ts. It keeps a bounded window of what came last, so a match longer than that is not found.
import { concatBytes } from './notation.ts'
import { patternWindowBytes } from './pattern-parts.ts'
import type { Matcher, PatternMatch } from './patterns.ts'

/** A match, its `start` and `end` counted from the first byte that was pushed. */
export interface StreamFinder {
  /**
   * Takes in what came; the first match that there is now, or null. Once it has found one it is done: `rest` holds what came
   * behind the match, for the finder of the next step.
   */
  push(bytes: Uint8Array): PatternMatch | null
  /** What came behind the match, or, without one, what is still looked at: a copy. */
  rest(): Uint8Array
  /** The last bytes that came, to be shown where the pattern is not found. */
  readonly window: Uint8Array
}

/** How far a window slides at once: half of it, so that a match of up to the other half is found wherever it lies. */
const slideBytes = patternWindowBytes / 2

/**
 * Looks for a pattern in a stream. `contains`, `regex` and `hex` mean anywhere in it, `prefix` its beginning; `exact` and
 * `suffix` what had come when a chunk was over (of at most `patternWindowBytes`); `always` is met by the first byte. A
 * regular expression matches as soon as it can: `\w+` takes what of the word has come.
 */
export const createStreamFinder = (matcher: Matcher): StreamFinder => {
  const { match: kind } = matcher.pattern
  const fromStart = kind === 'exact' || kind === 'prefix'
  let window: Uint8Array = new Uint8Array(0)
  /** Offset in the stream of the window's first byte. */
  let windowStart = 0
  let rest: Uint8Array | null = null

  const look = (): PatternMatch | null => {
    if (window.length === 0 || (fromStart && windowStart > 0)) return null
    return matcher(window)
  }
  const take = (piece: Uint8Array) => {
    const grown = concatBytes([window, piece])
    const drop = Math.max(0, grown.length - patternWindowBytes)
    window = drop === 0 ? grown : grown.slice(drop)
    windowStart += drop
  }

  return {
    push(bytes) {
      if (rest !== null) throw new Error('A finder that has found its pattern is done')
      for (let from = 0; from < bytes.length; from += slideBytes) {
        take(bytes.subarray(from, from + slideBytes))
        const atChunkEnd = from + slideBytes >= bytes.length
        if ((kind === 'exact' || kind === 'suffix') && !atChunkEnd) continue
        const match = look()
        if (match === null) continue
        rest = concatBytes([window.subarray(match.end), bytes.subarray(from + slideBytes)])
        return { ...match, start: match.start + windowStart, end: match.end + windowStart }
      }
      return null
    },
    rest: () => rest ?? window.slice(),
    get window() {
      return window
    },
  }
}
