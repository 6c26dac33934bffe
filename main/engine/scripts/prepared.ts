// Scripts that the host has made ready, for the command that comes behind them. Counterparts: main/engine-host.ts (sends them),
// ../endpoints/behaviours/answer-plan.ts (takes them into an endpoint's plan, which keeps what it uses).
import type { PreparedScript } from './messages.ts'

/** More than commands under way at once name. */
const kept = 64
const prepared = new Map<string, PreparedScript>()

export const keepPrepared = (source: string, script: PreparedScript): void => {
  prepared.delete(source)
  prepared.set(source, script)
  if (prepared.size > kept) prepared.delete(prepared.keys().next().value!)
}

export const preparedScript = (source: string): PreparedScript | undefined => prepared.get(source)
