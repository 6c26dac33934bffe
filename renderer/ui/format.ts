// How the screen writes sizes, rates and times: grouped by a narrow no-break space, units always named. Pure text, used
// by React panes and canvases alike.

/** U+202F, the space that keeps a number together. */
const narrow = '\u202f'

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, narrow)

/** A whole number in groups of three: `16 384`. */
export const formatCount = (count: number): string => grouped(Math.round(count).toString())

/** Bytes, exactly: `16 384 B`. */
export const formatBytes = (bytes: number): string => `${formatCount(bytes)}${narrow}B`

const scaled = (bytes: number): string => {
  if (bytes < 1000) return `${Math.round(bytes)}${narrow}B`
  let value = bytes / 1024
  let unit = 'KiB'
  for (const next of ['MiB', 'GiB', 'TiB']) {
    // What would round up to four digits is written in the next unit.
    if (Math.round(value) < 1000) break
    value /= 1024
    unit = next
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${narrow}${unit}`
}

/** Bytes, roughly, in at most three digits: `248 B`, `1.4 KiB`, `91 MiB`. */
export const formatSize = (bytes: number): string => scaled(bytes)

/** Bytes a second, roughly: `91 KiB/s`. */
export const formatRate = (bytesPerSecond: number): string => `${scaled(bytesPerSecond)}/s`

/**
 * A moment in seconds since the engine started, cut where the microseconds begin, because the screen dims those:
 * 5008.431 ms → `['5.008', '431']`.
 */
export const splitSeconds = (ms: number): readonly [seconds: string, micros: string] => {
  const micros = Math.round(ms * 1000)
  const sign = micros < 0 ? '-' : ''
  const whole = Math.abs(micros)
  const text = (whole % 1_000_000).toString().padStart(6, '0')
  return [`${sign}${grouped(Math.floor(whole / 1_000_000).toString())}.${text.slice(0, 3)}`, text.slice(3)]
}

/** A length of time in the unit that suits it: `442 µs`, `18.02 ms`, `1.548 s`, `2 min 05 s`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1) return `${Math.round(ms * 1000)}${narrow}µs`
  if (ms < 1000) return `${ms < 100 ? ms.toFixed(2) : ms.toFixed(1)}${narrow}ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)}${narrow}s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)}${narrow}min${narrow}${(seconds % 60).toString().padStart(2, '0')}${narrow}s`
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 60)}${narrow}h${narrow}${(minutes % 60).toString().padStart(2, '0')}${narrow}min`
}

/** The wall clock of a moment (ms since 1970), in the local zone: `14:32:10.008`. */
export const formatWallClock = (epochMs: number): string => {
  const date = new Date(epochMs)
  const two = (value: number) => value.toString().padStart(2, '0')
  const millis = date.getMilliseconds().toString().padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}
