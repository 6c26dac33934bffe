// Moves one of a list by its grip: while the pointer is down the card floats, and the list stands in the order that letting
// go would make, with a slot where the card lands. Counterpart: fault-list.tsx.
import { type PointerEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { type Keyed, withMoved } from './chain.ts'

export interface Drag<T> {
  /** The list as it would be now. */
  readonly shown: readonly Keyed<T>[]
  /** The key of what floats; null for nothing. */
  readonly floating: number | null
  /** How far from its slot it floats, px. */
  readonly offsetPx: number
  begin(event: PointerEvent<HTMLElement>, key: number): void
}

interface Held {
  readonly key: number
  readonly pointerY: number
  /** From the top of the card to where it was gripped, px. */
  readonly gripPx: number
}

/** Where a card that floats from `topY` to `bottomY` belongs: it passes another once it covers half of it. */
const placeFor = (items: readonly HTMLElement[], key: number, topY: number, bottomY: number): number => {
  const slot = items.findIndex((item) => item.dataset['key'] === `${key}`)
  return items.filter((item, i) => {
    if (i === slot) return false
    const { top, height } = item.getBoundingClientRect()
    const middle = top + height / 2
    return i < slot ? middle <= topY : middle < bottomY
  }).length
}

export const useDrag = <T>(
  list: RefObject<HTMLElement | null>,
  items: readonly Keyed<T>[],
  onMove: (key: number, to: number) => void,
): Drag<T> => {
  const [held, setHeld] = useState<Held | null>(null)
  const [to, setTo] = useState(0)
  const [offsetPx, setOffset] = useState(0)
  const stop = useRef<(() => void) | null>(null)
  const elements = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])]

  // The slot has its place only once the list is laid out; the card floats from there.
  useLayoutEffect(() => {
    if (held === null) return
    const slot = elements().find((item) => item.dataset['key'] === `${held.key}`)
    if (slot !== undefined) setOffset(held.pointerY - held.gripPx - slot.getBoundingClientRect().top)
  })
  useLayoutEffect(() => () => stop.current?.(), [])

  const begin = (event: PointerEvent<HTMLElement>, key: number) => {
    const item = elements().find((each) => each.dataset['key'] === `${key}`)
    if (event.button !== 0 || item === undefined || items.length < 2) return
    event.preventDefault()
    event.currentTarget.focus()
    const { top, height } = item.getBoundingClientRect()
    const gripPx = event.clientY - top
    let place = items.findIndex((each) => each.key === key)
    const end = (drop: boolean) => {
      stop.current?.()
      stop.current = null
      setHeld(null)
      setOffset(0)
      if (drop) onMove(key, place)
    }
    const move = ({ clientY }: globalThis.PointerEvent) => {
      const topY = clientY - gripPx
      place = placeFor(elements(), key, topY, topY + height)
      setTo(place)
      setHeld({ key, pointerY: clientY, gripPx })
    }
    const onKey = (pressed: KeyboardEvent) => {
      if (pressed.key !== 'Escape') return
      pressed.preventDefault()
      pressed.stopPropagation()
      end(false)
    }
    const drop = () => end(true)
    const cancel = () => end(false)
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', drop)
    window.addEventListener('pointercancel', cancel)
    window.addEventListener('keydown', onKey, true)
    stop.current = () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', drop)
      window.removeEventListener('pointercancel', cancel)
      window.removeEventListener('keydown', onKey, true)
    }
  }

  return {
    shown: held === null ? items : withMoved(items, held.key, to),
    floating: held?.key ?? null,
    offsetPx,
    begin,
  }
}
