// How heavy a chunk of bytes is drawn: its size on a log scale in one byte, so that the tallest tick of many events is a
// maximum over bytes. Counterpart: tickHeight in canvas/marks, which turns a weight into pixels.

/** Steps of a weight per doubling of the size: a quarter of an octave is under a tenth of a pixel of tick. */
const stepsPerOctave = 4

/** Size in bytes → 1 to 129; 0 is kept for "no data here". A chunk of no bytes still weighs 1, for it was an event. */
export const weightOfLength = (bytes: number): number =>
  bytes <= 1 ? 1 : Math.min(255, 1 + Math.round(Math.log2(bytes) * stepsPerOctave))

/** The size in bytes in the middle of what has this weight; the inverse of `weightOfLength` to within 10 %. */
export const lengthOfWeight = (weight: number): number => 2 ** ((weight - 1) / stepsPerOctave)
