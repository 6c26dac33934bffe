// Scripts that were typed and are not in their endpoint's spec, because rules were applied instead: kept for the session, so
// that going back to the script finds it. Counterparts: answers.ts shows one again, replies-sheet.tsx and
// workbench/sheets/use-endpoint-form.ts keep what was applied.
import type { ReplyScript } from '../../preload/contract/replies.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { endpointsStore } from '../stores/endpoints.ts'

/** Endpoints whose script is kept at most; beyond that the one that was kept longest ago is let go. */
export const mostKeptScripts = 50

/** `engine` names the engine that is there: another one has other endpoints under the same ids. */
export const createKeptScripts = (engine: () => string) => {
  const scripts = new Map<string, ReplyScript>()
  const keyOf = (endpoint: EndpointId) => `${engine()} ${endpoint}`
  return {
    /** Keeps what was typed for an endpoint in the place of what was kept before; an empty script keeps nothing. */
    keep(endpoint: EndpointId, script: ReplyScript): void {
      const key = keyOf(endpoint)
      scripts.delete(key)
      if (script.source.trim() === '') return
      scripts.set(key, script)
      for (const oldest of scripts.keys()) {
        if (scripts.size <= mostKeptScripts) break
        scripts.delete(oldest)
      }
    },
    of: (endpoint: EndpointId): ReplyScript | undefined => scripts.get(keyOf(endpoint)),
  }
}

/** The page's. */
export const keptScripts = createKeptScripts(() => `${endpointsStore.getState().startedAtEpochMs}`)
