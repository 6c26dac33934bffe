// What ends a command from outside: a signal, or `--max-time`. Counterpart: session.ts and serve.ts, which wait for the first of
// these beside the job itself.

export type Interruption = 'signal' | 'max-time'

/** npm and the terminal may both deliver one Ctrl+C; closer together than this they are one. */
const sameSignalMs = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface Interruptions {
  /** Resolves once, with the first. Stays pending for ever where none comes. */
  readonly first: Promise<Interruption>
  dispose(): void
}

/**
 * Listens for signals and the end of `maxTimeSeconds`. A second signal, later than a repeated delivery of the first
 * would be, calls `onImpatient`: somebody does not want to wait for the orderly end.
 */
export const createInterruptions = (maxTimeSeconds: number | undefined, onImpatient: () => void): Interruptions => {
  let timer: NodeJS.Timeout | undefined
  let firstSignalAt: number | null = null
  let resolveFirst: (interruption: Interruption) => void = () => {}
  const first = new Promise<Interruption>((resolve) => {
    resolveFirst = resolve
  })
  const onSignal = () => {
    const now = performance.now()
    if (firstSignalAt === null) {
      firstSignalAt = now
      resolveFirst('signal')
    } else if (now - firstSignalAt > sameSignalMs) onImpatient()
  }
  for (const signal of signals) process.on(signal, onSignal)
  if (maxTimeSeconds !== undefined) timer = setTimeout(() => resolveFirst('max-time'), maxTimeSeconds * 1000)
  return {
    first,
    dispose() {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
