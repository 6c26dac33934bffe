// How a command went, as its exit code and one sentence say it. 2, wrong usage, is the option parser's (index.ts).

export interface Outcome {
  readonly code: 0 | 1
  /** One sentence for standard error, safe for a terminal; null where there is nothing to say. */
  readonly message: string | null
}

export const done: Outcome = { code: 0, message: null }
export const failed = (message: string): Outcome => ({ code: 1, message })

/** Given to every command: carries its work out and keeps its outcome for the exit code. */
export type Run = (work: () => Promise<Outcome>) => Promise<void>
