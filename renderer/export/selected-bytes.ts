// Which bytes of the inspector's dump are marked with the mouse or the keyboard. Counterparts: inspector/bytes-section.tsx,
// whose rows these are; copy-as-menu.tsx.
import { dumpWidth } from '../workbench/inspector/hex-dump.ts'

/** The number of bytes of a line of hex that begin before column `at`: two digits and a space each, one more in the middle. */
export const bytesBefore = (at: number): number => {
  const middle = dumpWidth / 2
  const first = Math.min(middle, Math.ceil(at / 3))
  return first + Math.min(middle, Math.max(0, Math.ceil((at - middle * 3 - 1) / 3)))
}

/** Columns of text before a place in the document, within `part`. */
const columnIn = (part: Element, node: Node, offset: number): number => {
  const range = document.createRange()
  range.setStart(part, 0)
  range.setEnd(node, offset)
  return range.toString().length
}

/** The byte at an end of a selection; null where that is not in the dump. */
const byteAt = (dump: Element, node: Node, offset: number, isEnd: boolean): number | null => {
  const element = node instanceof Element ? node : node.parentElement
  const row = element?.closest('.dump-row')
  if (row == null || row.parentElement !== dump) return null
  const before = [...dump.children].indexOf(row) * dumpWidth
  const hex = row.querySelector('.dump-hex')
  const text = row.querySelector('.dump-text')
  if (text?.contains(node) === true) return before + columnIn(text, node, offset)
  if (hex?.contains(node) !== true) return before + (isEnd && hex?.compareDocumentPosition(node) === 4 ? dumpWidth : 0)
  const column = columnIn(hex, node, offset)
  // A selection that begins in the middle of a byte means that byte.
  return before + bytesBefore(isEnd ? column : Math.max(0, column - 1))
}

/** The marked part of the dump, in bytes; null where nothing of it is marked. */
export const selectedBytes = (): { readonly from: number; readonly to: number } | null => {
  const selection = document.getSelection()
  const dump = document.querySelector('.dump')
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0 || dump === null) return null
  const range = selection.getRangeAt(0)
  const from = byteAt(dump, range.startContainer, range.startOffset, false)
  const to = byteAt(dump, range.endContainer, range.endOffset, true)
  return from === null || to === null || to <= from ? null : { from, to }
}
