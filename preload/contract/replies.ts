// What a listener or client answers by itself: ordered rules on framed messages, or a script. Counterparts: patterns.ts,
// templates.ts (what a reply is made of), main/engine/endpoints/behaviours (does it), renderer/replies (edits it).
import type { Pattern } from './patterns.ts'

export interface ReplyRule {
  /** Named by the person; events tell of it by this name. May be empty. */
  readonly name: string
  readonly on: boolean
  readonly pattern: Pattern
  /** Answers the first message of a connection that matches, and none after that. */
  readonly once: boolean
  /** A template (templates.ts) in this notation; empty sends nothing. */
  readonly reply: string
  readonly notation: 'text' | 'hex'
  readonly delayMs: number
  /** What follows the reply. */
  readonly after: 'nothing' | 'close' | 'half-close' | 'reset'
}

/** A protocol in TypeScript or JavaScript that runs in a thread of its own. */
export interface ReplyScript {
  readonly name: string
  readonly source: string
}
