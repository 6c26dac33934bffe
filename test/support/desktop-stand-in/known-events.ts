// The event emitters of the stand-in: a listener for an event that the stand-in does not know is an error, not a listener that is
// never called, so that a test cannot pass because nothing happened.
import { EventEmitter } from 'node:events'

export class KnownEvents extends EventEmitter {
  #known: ReadonlySet<string>

  /** `known`: the events that are emitted here, and those that are taken but do not happen here (say so where they are listed). */
  constructor(...known: string[]) {
    super()
    this.#known = new Set([...known, 'newListener', 'removeListener'])
    this.on('newListener', (name: string) => {
      if (!this.#known.has(name))
        throw new Error(`The desktop stand-in has no event “${name}” on ${this.constructor.name}`)
    })
  }
}

/** An event object as Electron's are: the fields of `details`, and a default that can be prevented. */
export const preventable = <T extends object>(details: T) => ({
  ...details,
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true
  },
})
