// Runs a sequence from the page: where it runs, what is wrong with it before that, and which run was its last. Counterparts:
// sequence-editor.tsx, main/engine/runs/sequence.ts (does it).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import { fail, type Result } from '../../preload/contract/failure.ts'
import { compilePattern } from '../../preload/contract/patterns.ts'
import type { RunId, RunInfo, RunTarget } from '../../preload/contract/runs.ts'
import { filesOf, runSteps } from '../../preload/contract/runs-message.ts'
import { endpointKey, type Sequence, type SequenceStep } from '../../preload/contract/workspace.ts'
import { t } from '../i18n/index.ts'
import { composerStore } from '../stores/composer.ts'
import type { EndpointsState } from '../stores/endpoints.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { runsStore, useRuns } from '../stores/runs.ts'
import { composeMessage } from '../workbench/composer/message.ts'
import { connectionOf, targetWords } from '../workbench/composer/saved.ts'
import { messageProblem, readFiles } from '../workbench/composer/sending.ts'
import { resolveTarget } from '../workbench/composer/targets.ts'
import { mostStepMs, wrongTime } from './step-time.ts'

/** What is wrong with a step, in a sentence; null where it is right. */
export const stepProblem = (step: SequenceStep): string | null => {
  if (step.kind === 'send') {
    const message = composeMessage(step.text, step.mode, step.ending, step.encoding)
    return message.ok ? null : messageProblem(message)
  }
  if (step.kind === 'expect' || step.kind === 'assert') {
    const pattern = compilePattern(step.pattern)
    if (!pattern.ok) return `${pattern.failure.message} (at ${pattern.failure.at + 1})`
  }
  const least = wrongTime(step)
  return least === null ? null : t('library.wrongTime', { least, most: mostStepMs })
}

/** Where a sequence runs now, and what that is called; null where there is nothing to run it on. */
export interface RunPlace {
  readonly on: RunTarget
  readonly name: string
  /** It has to be connected first. */
  readonly connects: boolean
}

export const placeOf = (
  sequence: Sequence,
  facts: Pick<EndpointsState, 'connections' | 'endpoints'>,
): RunPlace | null => {
  const { target } = sequence
  const connection =
    target === null
      ? resolveTarget(composerStore.getState().wanted, facts.connections, facts.endpoints)
      : connectionOf(target, facts)
  if (connection !== null) {
    const name = facts.endpoints.get(connection.endpoint)?.spec.name ?? ''
    return { on: { connection: connection.id }, name: `${connection.id} ${name}`.trim(), connects: false }
  }
  if (target === null) return null
  for (const { id, spec } of facts.endpoints.values())
    if (spec.role === 'client' && endpointKey(spec) === target.endpoint)
      return { on: { client: id }, name: targetWords(target), connects: true }
  return null
}

const lastRuns = createStore<{ readonly runs: ReadonlyMap<string, RunId> }>()(() => ({ runs: new Map() }))

/** The last run of a sequence that this page has started, as far as it is remembered. */
export const useLastRun = (sequence: string): RunInfo | null => {
  const id = useStore(lastRuns, ({ runs }) => runs.get(sequence))
  return useRuns(({ runs }) => (id === undefined ? null : (runs.get(id) ?? null)))
}

export const startSequence = async (commands: CommandMethods, sequence: Sequence): Promise<Result<RunInfo>> => {
  const place = placeOf(sequence, endpointsStore.getState())
  if (place === null) return fail('wrong-state', t('library.runNowhere'))
  const paths = filesOf(sequence.steps)
  if (!paths.ok) return paths
  const files = await readFiles(commands, paths.value)
  if (!files.ok) return files
  const steps = runSteps(sequence.steps, files.value)
  if (!steps.ok) return steps
  const started = await commands.startRun({
    run: { kind: 'sequence', name: sequence.name, on: place.on, steps: steps.value },
  })
  if (started.ok) {
    runsStore.getState().takeRun(started.value)
    lastRuns.setState(({ runs }) => ({ runs: new Map(runs).set(sequence.id, started.value.id) }))
  }
  return started
}
