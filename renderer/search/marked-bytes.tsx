// Bytes as text with the matches of the search marked. Counterparts: ui/byte-text.tsx, hits.ts; the event table and the
// inspector show it.
import type { ReactNode } from 'react'
import { ByteText } from '../ui/byte-text.tsx'

/** A stretch of bytes that is marked, from `from` up to `to`. */
export interface ByteMark {
  readonly from: number
  readonly to: number
}

/** `offset+length …` as stretches. */
export const marksOf = (hits: string): readonly ByteMark[] =>
  hits === ''
    ? []
    : hits.split(' ').map((hit) => {
        const [offset = 0, length = 0] = hit.split('+').map(Number)
        return { from: offset, to: offset + length }
      })

/** `marks` ascend; what of them lies outside the bytes is not shown. `lines`: breaks the line after each line end. */
export const MarkedBytes = ({
  bytes,
  marks,
  lines = false,
}: {
  readonly bytes: Uint8Array
  readonly marks: readonly ByteMark[]
  readonly lines?: boolean
}) => {
  if (marks.length === 0) return <ByteText bytes={bytes} lines={lines} />
  const nodes: ReactNode[] = []
  let at = 0
  for (const mark of marks) {
    const from = Math.max(at, mark.from)
    const to = Math.min(bytes.length, mark.to)
    if (to <= from) continue
    if (from > at) nodes.push(<ByteText key={at} bytes={bytes.subarray(at, from)} lines={lines} />)
    nodes.push(
      <mark key={`m${from}`}>
        <ByteText bytes={bytes.subarray(from, to)} lines={lines} />
      </mark>,
    )
    at = to
  }
  if (at < bytes.length) nodes.push(<ByteText key={at} bytes={bytes.subarray(at)} lines={lines} />)
  return <>{nodes}</>
}
