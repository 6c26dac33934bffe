// What a simulated write comes to, in one sentence that goes on after the write's size. Counterparts: simulate.ts (the facts),
// strip.tsx (draws them above the same words).
import type { TFunction } from 'i18next'
import { formatCount, formatSize } from '../ui/format.ts'
import { showQuantity } from './quantities.ts'
import { mostPieces, type Simulated } from './simulate.ts'

/** A time in few digits: `90 ms`, `1.5 s`. */
export const shortTime = (ms: number): string => {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))}\u202fs`
  return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)}\u202fms`
}
/** Two times with one unit: `90 to 150 ms`. */
const bareMs = (ms: number, other: number): string =>
  other >= 1000 ? shortTime(ms) : shortTime(ms).split('\u202f')[0]!

const howItLeaves = (t: TFunction, { accepted, leaving, lostBytes, stuckBytes, ending }: Simulated): string => {
  if (!accepted) return t('relay.strip.refused')
  const first = leaving[0]
  const last = leaving.at(-1)
  if (first === undefined || last === undefined)
    return t(
      stuckBytes > 0
        ? 'relay.strip.stuck'
        : lostBytes > 0 && ending === null
          ? 'relay.strip.lost'
          : 'relay.strip.lostByEnd',
    )
  const early = first.earliestMs
  const late = last.latestMs
  if (leaving.length === 1) {
    if (late <= 0) return t('relay.strip.atOnce')
    return early === late
      ? t('relay.strip.later', { at: shortTime(late) })
      : t('relay.strip.between', { from: bareMs(early, late), to: shortTime(late) })
  }
  const number =
    leaving.length >= mostPieces
      ? t('relay.strip.more', { number: formatCount(mostPieces) })
      : formatCount(leaving.length)
  if (late <= 0) return t('relay.strip.piecesAtOnce', { number })
  if (early <= 0) return t('relay.strip.pieces', { number, over: shortTime(late) })
  return t('relay.strip.piecesBetween', { number, from: bareMs(early, late), to: shortTime(late) })
}

/** The sentence after the size: `in leaves 90 to 150 ms later`. `held`: a person has to let it go first. */
export const captionOf = (t: TFunction, simulated: Simulated, held: boolean): string => {
  const { leaving, lostBytes, stuckBytes, flippedBits, ending, endLaterMs, onMatch, share } = simulated
  const parts = [howItLeaves(t, simulated)]
  if (leaving.length > 0 && lostBytes > 0) parts.push(t('relay.strip.restLost', { size: formatSize(lostBytes) }))
  if (leaving.length > 0 && stuckBytes > 0) parts.push(t('relay.strip.restStuck', { size: formatSize(stuckBytes) }))
  if (flippedBits > 0 && leaving.length > 0) {
    const count = Math.max(1, Math.round(flippedBits))
    parts.push(t('relay.strip.flipped', { count }))
  }
  if (ending !== null)
    parts.push(
      ending.atMs <= 0
        ? t(ending.how === 'close' ? 'relay.strip.closedAtOnce' : 'relay.strip.resetAtOnce')
        : t(ending.how === 'close' ? 'relay.strip.closed' : 'relay.strip.reset', { at: shortTime(ending.atMs) }),
    )
  if (endLaterMs > 0) parts.push(t('relay.strip.endLater', { at: shortTime(endLaterMs) }))
  if (onMatch) parts.push(t('relay.strip.onMatch'))
  if (share < 1) {
    const { number, unit } = showQuantity('share', Number(share.toPrecision(3)))
    parts.push(t('relay.strip.share', { share: `${number} ${unit}` }))
  }
  return t(held ? 'relay.strip.wholeHeld' : 'relay.strip.whole', { what: parts.join(', ') })
}
