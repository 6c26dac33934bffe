// A waiting line of pieces and ends, which tells how much waits in it. Counterparts: stage.ts, faults/*.
import { costOf, type End, type Piece } from './piece.ts'

export interface Waiting {
  readonly item: Piece | End
}

/** `account` is told of the bytes that came into the line (above 0) or left it. */
export class Line<W extends Waiting> {
  readonly #account: (bytes: number) => void
  #items: (W | undefined)[] = []
  #head = 0

  constructor(account: (bytes: number) => void) {
    this.#account = account
  }

  get first(): W | undefined {
    return this.#items[this.#head]
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  push(waiting: W): void {
    this.#items.push(waiting)
    if (typeof waiting.item !== 'string') this.#account(costOf(waiting.item))
  }

  shift(): W | undefined {
    const first = this.#items[this.#head]
    if (first === undefined) return undefined
    // What has left is not to be kept by what it waited with.
    this.#items[this.#head++] = undefined
    // Moved down now and then, not at each shift.
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    if (typeof first.item !== 'string') this.#account(-costOf(first.item))
    return first
  }

  clear(): void {
    while (this.shift() !== undefined) {
      // each one is accounted for
    }
  }
}
